"""The models: the paper's IB-INN, and what it is compared with. Importing this package imports no torch.

=================  ====================================================================
``classifier``     what a model can be asked; the IB-INN, a flow and a mixture
``flow``           the invertible network, its architecture and the presets of it
``mixture``        the Gaussian mixture in latent space
``objectives``     the losses; what γ does
``baselines``      VIB, ResNet and i-RevNet, the competitors in Table 1
``config``         everything that decides which model is made and how it is trained
``kinds``          the kinds of models, what each is called and able to do (no torch)
``preprocessing``  from 8-bit pixels to a density over x; bits/dim (no torch)
=================  ====================================================================
"""
