"""The commands of ``python -m ibinn_core``: a module for each, with ``add`` (its options) and ``run``.

==============  ============================================================
``train``       train a model
``family``      train and export the whole family of models
``trunk``       keep the weights of a training for others to start from
``export``      turn a finished training into a measured checkpoint
``evaluate``    measure checkpoints and compare with their cards
``style``       find and measure the directions of style of checkpoints
``curve``       measure the models between the checkpoints of a family
``table``       measure the paper's Table 1, its numbers beside ours
``data``        download a data set
``manifest``    compare checkpoints with their manifests
``card``        write the model cards of checkpoints
==============  ============================================================

``commands`` holds the parser of all of them, ``arguments`` and ``summary`` what several of them share. What a
command needs it imports as it runs, so that ``--help`` is quick.
"""
