"""ComfyUI graphs: building and laying out lipwright's own graphs; checking and fixing any graph.

recipes             lipwright's own graphs, built from recipe_inputs (with recipe_parts)
audio_vae           how much of an audio file ComfyUI crops, and the lengths that it does not crop
schemas             node schemas of a server
graph, builder      a graph, and its construction with checks against the schemas
missing_parts       nodes and model files that a server lacks, and where to get them
ui, graph_layout    the file format that ComfyUI's page opens (with reroutes)
reader, flat        any graph as a flat list of nodes (with subgraph_expansion and widgets)
lint, edits, fix    finding and fixing what ruins lip sync in a graph
findings            the texts of all findings about graphs
"""
