"""ComfyUI graphs: build and lay out lipwright's own; check and fix anyone's.

inputs, recipes     the inputs of a graph, and the graphs (with recipe_parts)
audio_vae           how much of a driver ComfyUI crops, and the lengths that it does not crop
schemas             node schemas of a server
graph, builder      the graph as a value, and adding nodes to it, checked against the schemas
missing_parts       nodes and model files that a server lacks, and where to get them
ui, layout          the form that people open in ComfyUI's page (with reroutes)
reader, flat        anyone's graph in its flat form (with subgraph_expansion and widgets)
lint, edits, fix    what ruins lip sync in it, and how it is fixed
findings            all findings about graphs
"""
