"""ComfyUI graphs: built so that they are right, checked, laid out, and other people's linted.

    inputs      what a graph is made from
    schemas     what a server says of its nodes; a copy is bundled
    graph       the graph as a value, and its API form
    builder     adds nodes; refuses a link or value that the schemas do not allow
    recipes     guide and official
    validate    holds any API graph against the schemas
    ui          the form people open, with a layout, and the way back to the API form
    lint, fix   what ruins lip sync in anyone's graph, and mending it

`build_graph` in `lipwright.workflow.recipes` is the way in.
"""
