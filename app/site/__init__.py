"""The static site with families of models: files that any web server can serve, written by ``ibinn-explorer site OUT``.

:mod:`.views` draws the initial views of the app's panels, and :mod:`.lessons` draws the course. :mod:`.parts` converts
both to plain JSON. :mod:`.packed` and :mod:`.beside` write the models, and :mod:`.pages` writes all files. The front
end is in ``app/static/site``.
"""
