"""The real command line with the fake engines registered: what tests start as a process."""

from fake_engines import register_fakes

from lipwright.cli.main import main

if __name__ == "__main__":
    register_fakes()
    main()
