"""ComfyUI graphs: build, validate and lay out lipwright's own; check and fix anyone's.

inputs, recipes     the inputs of a graph, and the graphs (with recipe_parts)
audio_vae           how much of a driver ComfyUI crops, and the lengths of which it crops nothing
schemas, validate   what a server says of its nodes, and checking an API graph against it
graph, builder      the graph as a value, and adding nodes to it
ui, layout          the form that people open in ComfyUI's page (with reroutes)
reader, flat        anyone's graph in its flat form (with subgraph_expansion and widgets)
lint, edits, fix    what ruins lip sync in it, and how it is fixed
findings            all findings about graphs
"""
