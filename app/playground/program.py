"""The playground's model as a program: it trains the library's layers on the same points from the same weights."""

import math

from app.play_text import Play

#: Formulas for the points of each data set before noise, given ``share`` along the curve and class ``k``, as in
#: ``app/static/playground/data.js``.
_PLACES = {
    "moons": (
        "angle, scale = math.pi * share, 4.8 / (classes + 1)",
        "x = scale * (k + torch.cos(angle) - (classes - 1) / 2)",
        "y = scale * (1 - 2 * (k % 2)) * (torch.sin(angle) - 0.25)",
    ),
    "circles": ("radius, angle = 2.6 * (k + 1) / classes, 2 * math.pi * share",),
    "pinwheel": (
        "radius = 1.6 + 0.5 * drawn[2 * count :]",
        "angle = 2 * math.pi * (k / classes + 0.12 * radius)",
    ),
    "blobs": ("radius, angle = torch.full_like(k, 1.8), 2 * math.pi * (k / classes + 0.125)",),
    "spiral": ("radius, angle = 0.3 + 2.4 * share, 2 * math.pi * (k / classes + 0.9 * share)",),
}


def program(play: Play, steps: int, has_own_points: bool) -> str:
    """Writes a program that trains the playground's model A with the library, and prints its losses and its error.

    Arguments:
        play: settings of the training.
        steps: number of training steps.
        has_own_points: whether the points are the user's own. They are read from ``points.csv``, with the header
            ``x,y,label`` and a line per point, and no point is held out.
    """
    (objective, gamma), *_ = play.aims
    isolated = 'float("inf")' if math.isinf(gamma) else repr(float(gamma))
    chosen = '"class-nll", gamma=None' if objective == "class-nll" else f"gamma={isolated}"
    lines = [
        "# Install the library first: pip install -e . in a clone, or pip install ibinn_explorer-*.whl",
        "import math",
        "import torch",
        "from torch import nn",
        "import ibinn_core as ib",
        "from ibinn_core.layers import ActNorm, AffineCoupling, SoftPermutation",
        "from ibinn_core.layers.subnetwork import Subnetwork, zero_initialised",
        "from ibinn_core.models.mixture import LatentMixture",
        "",
        f"classes, couplings, width, seed = {play.classes}, {play.couplings}, {play.width}, {play.seed}",
        *(_own_points() if has_own_points else _made_points(play.kind, play.count, play.noise)),
        "",
        "def subnetwork(inputs, outputs):  # with a second layer of zeros, each coupling starts as the identity",
        "    first, second = nn.Linear(inputs, width), nn.Linear(width, outputs)",
        "    return Subnetwork(nn.Sequential(first, nn.ReLU(), zero_initialised(second)))",
        "",
        "torch.set_num_threads(1)  # more threads would slow down such a small model",
        "torch.manual_seed(seed)",
        "layers = [ActNorm(2).requires_grad_(False)]",
        "for number in range(couplings):",
        "    if number:  # a rotation that is not trained",
        "        angle = math.pi * (1 + 2 * torch.rand(()).item()) / 4",
        "        cos, sin = math.cos(angle), math.sin(angle)",
        "        layers.append(SoftPermutation(2, torch.Generator()).double())",
        "        layers[-1].rotation.set(torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64))",
        "    layers.append(AffineCoupling(2, subnetwork))",
        "flow = ib.Flow(layers).double()",
        "flow.fit(points)  # the ActNorm: mean 0, deviation 1",
        "mixture = LatentMixture(classes, dims=max(2, classes)).double()",
        "around = math.pi * (0.5 + 2 * torch.arange(classes, dtype=torch.float64) / classes)",
        "mixture.means = nn.Parameter(2 * torch.stack([around.cos(), around.sin()], 1))",
        "",
        f"objective = ib.Objective({chosen}, label_smoothing=0)",
        "trained = [p for p in [*flow.parameters(), mixture.means] if p.requires_grad]",
        f"adam = torch.optim.Adam(trained, lr={play.rate!r}, betas=(0.9, 0.99))",
        f"for step in range({steps}):",
        "    loss = objective(mixture, *flow(points), labels).total",
        *("    adam.zero_grad()", "    loss.backward()", "    adam.step()"),
        f"    if step % {max(1, steps // 10)} == 0:",
        '        print(f"step {step}: loss {loss.item():.3f}")',
        "",
        *_results(has_own_points),
    ]
    return "\n".join(lines) + "\n"


def _own_points() -> list[str]:
    return [
        "# Save your points first: the button Points on the page writes points.csv, which is read from this folder.",
        'with open("points.csv") as file:',
        '    table = torch.tensor([[float(value) for value in line.split(",")] for line in list(file)[1:]])',
        "points, labels, count = table[:, :2].double(), table[:, 2].long(), len(table)",
    ]


def _made_points(kind: str, count: int, noise: float) -> list[str]:
    places = list(_PLACES[kind])
    if kind != "moons":
        places.append("x, y = radius * torch.cos(angle), radius * torch.sin(angle)")
    return [
        f"count, noise = {count}, {round(3 * noise, 12) if kind == 'blobs' else noise!r}",
        "",
        f"def made(seed):  # the {kind}",
        "    drawn = torch.randn(3 * count, generator=torch.Generator().manual_seed(seed)).double()",
        "    number = torch.arange(count, dtype=torch.float64)",
        "    k = number % classes",
        "    share = (number // classes + 0.5) * classes / count",
        *(f"    {line}" for line in places),
        "    return torch.stack([x, y], 1) + noise * drawn[: 2 * count].view(-1, 2), k.long()",
        "",
        "points, labels = made(seed)",
    ]


def _results(has_own_points: bool) -> list[str]:
    held = [] if has_own_points else ["points, labels = made(seed + 5000)  # new points"]
    return [
        *held,
        "with torch.no_grad():",
        "    z, log_det = flow(points)",
        "    loss = objective(mixture, z, log_det, labels)",
        "    error = (mixture.scores(z).argmax(1) != labels).double().mean()",
        "l_x, l_y = loss.l_x / 2, -loss.l_y  # as on the page: L_X per dimension, and the cross-entropy",
        'print(f"L_X {l_x:.4f} nats/dim, L_Y {l_y:.4f} nats, {100 * error:.1f} % wrong")',
    ]
