"""The static site: what the app shows of whole families, computed once, as files that any web server can serve.

``python -m ibinn_core site OUT`` writes it. :mod:`.measure` asks the models of a family at the places of its measured
curve, :mod:`.sheet` puts images into one picture, :mod:`.pages` writes the files. What a person sees is in ``assets/``:
plain HTML, CSS and JavaScript without modules or requests, so that the pages also open from a disk.
"""
