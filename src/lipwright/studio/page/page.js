() => {
  // A click on a chart plays its recording or video from that time. data-axis is the length of the chart in seconds.
  const playerOf = (chart) => chart.closest(".lw-card, .lw-judged")?.querySelector("audio, video");
  document.addEventListener("click", (event) => {
    const chart = event.target.closest("[data-axis]");
    const player = chart && playerOf(chart);
    if (!player) return;
    const box = chart.getBoundingClientRect();
    player.currentTime = Math.max(0, (event.clientX - box.left) / box.width) * Number(chart.dataset.axis);
    player.play();
  });
  document.addEventListener("timeupdate", (event) => {
    for (const chart of document.querySelectorAll("[data-axis]"))
      if (playerOf(chart) === event.target) {
        const share = event.target.currentTime / Number(chart.dataset.axis);
        chart.style.setProperty("--at", `${100 * Math.min(1, share)}%`);
        chart.classList.toggle("playing", event.target.currentTime > 0);
      }
  }, true);
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.textContent = copy.dataset.done; });
    if (event.target.closest("[data-play-all]")) playTogether([...document.querySelectorAll(".lw-takes video")]);
  });
  // Play all videos from their start, at the same time; only the first one has sound.
  const playTogether = async (videos) => {
    await Promise.all(videos.map((video) => new Promise((ready) => {
      video.pause();
      video.onseeked = video.oncanplay = video.onerror = () => {
        if (video.error || !video.seeking && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) ready();
      };
      video.preload = "auto";
      video.currentTime = 0;
    })));
    videos.forEach((video, number) => {
      video.muted = number > 0;
      video.addEventListener("pause", () => { video.muted = false; }, {once: true});
      video.play();
    });
    const [first, ...others] = videos;
    first.addEventListener("pause", () => { first.ontimeupdate = null; }, {once: true});
    first.ontimeupdate = () => {  // on a busy machine, some videos start late
      for (const video of others)
        if (!video.paused && Math.abs(video.currentTime - first.currentTime) > 0.1) video.currentTime = first.currentTime;
    };
  };
  // Make the frame of a report as high as its content.
  const fit = (frame) => {
    const inside = frame.contentDocument?.documentElement;
    if (!inside) return;
    const resize = () => { frame.style.height = `${inside.querySelector("main")?.scrollHeight + 24}px`; };
    new ResizeObserver(resize).observe(inside.querySelector("main") || inside);
    resize();
  };
  document.addEventListener("load", (event) => {
    if (event.target.matches?.("iframe.lw-report")) fit(event.target);
  }, true);
  // Gradio gives all fields for files the same accessible name: replace it by the label of the field.
  const nameDrops = () => {
    for (const drop of document.querySelectorAll(".lw-drop"))
      drop.querySelector("button")?.setAttribute("aria-label", drop.querySelector("label").textContent.trim());
  };
  new MutationObserver(nameDrops).observe(document.body, {childList: true, subtree: true});
  nameDrops();
}
