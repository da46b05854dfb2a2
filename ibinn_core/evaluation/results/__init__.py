"""Table 1 of the paper with our own models.

==============  =================================================================
``columns``     what is measured, and the numbers of a model by its card and the table
``paper``       the table as it is printed
``cells``       the numbers of one model, and the ROC curves behind its detection scores
``table``       all models beside the paper's
``markdown``    the table as a page of ``docs/``
==============  =================================================================
"""
