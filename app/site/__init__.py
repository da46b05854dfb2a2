"""The static site: figures of the app for whole families, drawn once, as files that any web server can serve.

``ibinn-explorer site OUT`` writes it. :mod:`.measure` asks the models of a family at the places of its measured
curve, :mod:`.views` has the app's figures drawn of that, :mod:`.lessons` the course; :mod:`.pages` writes the files.
What a person sees is ``app/static/site``, with the same modules for figures and the same slider as the app; browsers
load no modules from a disk, so :mod:`.bundle` makes one script of them.
"""
