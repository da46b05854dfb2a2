"""python -m ibinn_core train | family | trunk | export | evaluate | curve | table | sigma | data"""

import argparse
import json
import sys
from pathlib import Path

from .kinds import DEFAULT, KINDS, WITH_GAMMA


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status. A user's mistake is one sentence, not a traceback."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"ibinn_core {options.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nibinn_core {options.name}: interrupted", file=sys.stderr)
        return 130
    return 0


def gamma(text: str) -> float:
    """γ on the command line: 0, a positive number, or ``inf``."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"gamma must be 0, positive or inf, not {text}")
    return value


def noise(text: str) -> str | float:
    """Training noise on the command line: ``uniform`` or σ."""
    from .preprocessing import check_noise

    try:
        return check_noise(text if text == "uniform" else float(text))
    except ValueError as error:
        message = f"noise must be 'uniform' or a positive sigma in units of [0, 1], not {text!r}"
        raise argparse.ArgumentTypeError(message) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ibinn_core", description="Train and examine IB-INNs.")
    commands = parser.add_subparsers(dest="name", required=True)
    _add_train(commands)
    _add_family(commands)
    _add_trunk(commands)
    _add_export(commands)
    _add_evaluate(commands)
    _add_curve(commands)
    _add_table(commands)
    _add_sigma(commands)
    _add_data(commands)
    return parser


def _add_train(commands) -> None:
    train = commands.add_parser("train", help="train a model", description="Train a model. Its state lives in --out.")
    loss = train.add_mutually_exclusive_group()
    loss.add_argument("--gamma", type=gamma, help="γ of the IB loss (0: only L_X, inf: only L_Y) and the VIB's; else 1")
    loss.add_argument("--objective", choices=["class-nll", "class-nll-regularized"], help="another loss than the IB's")
    train.add_argument("--model", choices=list(KINDS), default=DEFAULT, help="an IB-INN, or a competitor of Table 1")
    train.add_argument("--out", type=Path, required=True, help="folder of the training's state")
    train.add_argument(
        "--config", type=Path, help="JSON file with the whole TrainingConfig, in place of the options that describe one"
    )
    train.add_argument("--resume", action="store_true", help="continue from the state in --out, if there is one")
    train.add_argument("--init", help="checkpoint or training folder to start the weights from")
    train.add_argument("--preset", help="architecture: cpu, paper or grids; that of --init if not given, else cpu")
    train.add_argument("--data", default="cifar10", help="name of the data set")
    train.add_argument("--noise", type=noise, default="uniform", help="'uniform', or sigma of Gaussian noise")
    train.add_argument("--epochs", type=float, default=8)
    train.add_argument("--batch-size", type=int, default=128)
    train.add_argument("--lr", type=float, default=3e-3, help="peak learning rate")
    train.add_argument("--warmup", type=float, default=0.1, help="share of the steps that warm up")
    train.add_argument("--decay", type=float, default=1.0, help="share of the other steps in which the rate falls")
    train.add_argument("--shift", type=int, default=3, help="pixels that training images are moved by")
    train.add_argument("--learn-weights", action="store_true", help="learn the class weights too (Appendix B)")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--precision", choices=["auto", "bf16", "fp32"], default="auto")
    train.add_argument("--save-every", type=int, default=200, metavar="STEPS")
    train.set_defaults(command=_train)


def _train(options: argparse.Namespace) -> None:
    from . import data
    from .training import Trainer
    from .training.state import FILE
    from .warm_start import warm_start

    config = _config_from_file(options.config) if options.config else _config_from(options)
    exists = (options.out / FILE).exists()
    if exists and not options.resume:
        raise ValueError(f"{options.out} already holds a training: continue it with --resume or name another folder")
    images, labels = data.load(config.dataset, "train")
    init = warm_start(config.init) if config.init and not exists else None
    trainer = Trainer(config, images, labels, options.out, init, options.precision, options.save_every)
    if exists:
        trainer.resume()
    trainer.run()


def _config_from(options: argparse.Namespace):
    from .objectives import Objective
    from .training import TrainingConfig

    name = options.objective or KINDS[options.model].objectives[0]
    default = 1.0 if name in WITH_GAMMA else None
    objective = Objective(name, options.gamma if options.gamma is not None else default)
    return TrainingConfig(
        model=options.model,
        objective=objective,
        architecture=_architecture(options.preset, options.init),
        noise=options.noise,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.lr,
        warmup=options.warmup,
        decay=options.decay,
        shift=options.shift,
        learn_weights=options.learn_weights,
        seed=options.seed,
        dataset=options.data,
        init=_place(options.init),
    )


def _architecture(name: str | None, init: str | None):
    """The preset, or without one the architecture that the weights to start from have."""
    from .flow import preset
    from .warm_start import architecture_of

    return preset(name or "cpu") if name or not init else architecture_of(init)


def _place(source: str | None) -> str | None:
    """An id as it is; a folder by a path that does not depend on where the training is gone on with or exported."""
    from .checkpoint import default_folder

    if source is None or (default_folder() / source).is_dir() or not Path(source).is_dir():
        return source
    return str(Path(source).resolve())


def _config_from_file(path: Path):
    from .training import TrainingConfig

    try:
        return TrainingConfig.from_dict(json.loads(path.read_text()))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} does not hold the config of a training ({error})") from error


def _add_family(commands) -> None:
    family = commands.add_parser("family", help="train and export the whole family of models, or go on with it")
    family.add_argument("only", nargs="*", help="ids to train, with their ancestors; the twelve if none is given")
    family.add_argument("--out", type=Path, default=Path("runs/family"), help="folder of the trainings' states")
    family.add_argument("--trunks", type=Path, help="folder with trunks that are done, e.g. trunks/")
    family.add_argument("--to", type=Path, help="folder of the checkpoints; that of the library if not given")
    family.add_argument("--jobs", type=int, help="trainings at a time; one a core if not given")
    family.add_argument("--trunk-epochs", type=float, help="as many as those of the committed models if not given")
    family.add_argument("--limb-epochs", type=float, help="likewise")
    family.add_argument("--branch-epochs", type=float, help="likewise")
    family.set_defaults(command=_family)


def _family(options: argparse.Namespace) -> None:
    from .checkpoint import default_folder
    from .training import family

    epochs = (
        options.trunk_epochs or family.TRUNK_EPOCHS,
        options.limb_epochs or family.LIMB_EPOCHS,
        options.branch_epochs or family.BRANCH_EPOCHS,
    )
    twelve, others, ablation = family.family(*epochs), family.competitors(*epochs), family.noise_ablation()
    members = family.with_ancestors(twelve + others + ablation, options.only or [member.id for member in twelve])
    jobs = len(family.usable_cores()) if options.jobs is None else options.jobs
    family.train_family(members, options.out, options.to or default_folder(), jobs, options.trunks)


def _add_trunk(commands) -> None:
    trunk = commands.add_parser("trunk", help="keep the weights of a training for others to start from")
    trunk.add_argument("run", type=Path, help="folder of the training's state")
    trunk.add_argument("target", type=Path, help="folder to write, e.g. trunks/trunk-labels")
    trunk.set_defaults(command=_trunk)


def _trunk(options: argparse.Namespace) -> None:
    from .trunk import save_trunk

    save_trunk(options.run, options.target)
    print(options.target)


def _add_export(commands) -> None:
    export = commands.add_parser("export", help="turn a finished training into a measured checkpoint")
    export.add_argument("run", type=Path, help="folder of the training's state")
    export.add_argument("checkpoint", type=Path, help="folder to write, e.g. checkpoints/gamma-1")
    export.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> None:
    from .export import export

    checkpoint = export(options.run, options.checkpoint)
    print(f"{checkpoint.path}: {_summary(checkpoint.card)}")


def _add_evaluate(commands) -> None:
    evaluate = commands.add_parser("evaluate", help="measure checkpoints and compare with their cards")
    evaluate.add_argument("checkpoint", nargs="*", help="ids or folders; all in checkpoints/ if none is given")
    evaluate.add_argument("--data", help="data set to measure on; the one a model was trained on if not given")
    evaluate.add_argument("--write", action="store_true", help="write the numbers into the cards")
    evaluate.add_argument("--ood", action="store_true", help="measure what lies out of the distribution too, and CI")
    evaluate.set_defaults(command=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from . import checkpoint as registry
    from . import data
    from .evaluation import encode_images
    from .export import card_of

    chosen = [registry.find(name) for name in options.checkpoint] or registry.checkpoints()
    if not chosen:
        raise ValueError(f"there is no checkpoint in {registry.default_folder()}")
    for checkpoint in chosen:
        own = checkpoint.config["data"]["name"]
        name = options.data or own
        if options.write and name != own:
            raise ValueError(f"a card is measured on {own}, the data set of its training, not on {name}")
        images, labels = data.load(name, "test")
        if data.CLASSES[name] != data.CLASSES.get(own):
            raise ValueError(f"{checkpoint.id} knows the classes of {own}, which are not those of {name}")
        model = registry.load(checkpoint)
        card = card_of(model, images, labels, encode_images(model, images))
        card |= {name: checkpoint.card[name] for name in ("alignment",) if name in checkpoint.card}  # of the export
        print(f"{checkpoint.id} on {len(images)} images of {name}: {_summary(card)}")
        if name == own:
            print(f"{checkpoint.id} by its card: {_summary(checkpoint.card)}")
        if options.write:
            registry.write_json(checkpoint.path / registry.CARD, card)
        if options.ood:
            _print_ood(checkpoint, model, images, labels)


def _print_ood(checkpoint, model, images, labels) -> None:
    """Increase of the predictive entropy, detection, and the cross information of Fig. 10."""
    from .evaluation.sigma import study
    from .evaluation.table import DETECTION, ENTROPY, load_sets, measure_checkpoint

    sets = {name: pixels for name, pixels in load_sets(images).items() if pixels is not None}
    cells = measure_checkpoint(checkpoint, images, labels, sets, say=lambda text: None)["cells"]
    for title, columns in (("increase of the predictive entropy", ENTROPY), ("detection, ROC-AUC", DETECTION)):
        found = {column.title: cells[column.key] for column in columns}
        unit = columns[0].unit
        texts = [f"{name} {v if isinstance(v, str) else f'{v:.2f} {unit}'}" for name, v in found.items()]
        print(f"{checkpoint.id}: {title}: {'; '.join(texts)}")
    if model.has_likelihood:
        print(f"{checkpoint.id}: CI(X, Z_E) {study(model, images, labels).cross_information:.1f} nats")


def _summary(card: dict) -> str:
    """The numbers of a card in a line; those that the kind of model does not have are left out."""
    paper = card["calibration_paper"]
    parts = [f"error {card['error']:.2%}"]
    if "bits_per_dim" in card:
        bits = card["bits_per_dim"]
        parts.append(f"bits/dim {bits['mean']:.3f} (median {bits['median']:.3f}, worst {bits['worst']:.2f})")
    parts.append(
        f"calibration in the paper's bins: ECE {paper['ece']:.2%}, MCE {paper['mce']:.2%}, ICE {paper['ice']:.2%}, "
        f"geometric mean {paper['geometric_mean']:.2%}; top-label ECE {card['calibration_top_label']:.2%}"
    )
    if "separation" in card:
        parts.append(f"separation {card['separation']:.2f}")
    if "reconstruction" in card:
        parts.append(f"reconstruction {card['reconstruction']:.1e}")
    return "; ".join(parts + _certainty(card))


def _certainty(card: dict) -> list[str]:
    """What the cards of earlier versions do not hold."""
    if "entropy" not in card:
        return []
    times = "of no prediction" if card["overconfidence"] is None else f"{card['overconfidence']:.2f}"
    return [f"predictive entropy {card['entropy']:.3f} nats", f"overconfidence {times} (above 99.7 %)"]


def _add_curve(commands) -> None:
    curve = commands.add_parser("curve", help="measure the models between the checkpoints of a family, at any γ")
    curve.add_argument("--data", default="cifar10", help="data set of the family")
    curve.add_argument("--places", type=int, help="to measure at least; 21 if not given")
    curve.set_defaults(command=_curve)


def _curve(options: argparse.Namespace) -> None:
    from . import data
    from .evaluation.family_curve import PLACES, measure_curve
    from .weight_space import family

    images, labels = data.load(options.data, "test")
    train_images, _ = data.load(options.data, "train")
    models = family(options.data)
    measure_curve(models, images, labels, train_images, at_least=options.places or PLACES)
    print(models.curve_path)


def _add_table(commands) -> None:
    table = commands.add_parser("table", help="measure the paper's Table 1, its numbers beside ours")
    table.add_argument("checkpoint", nargs="*", help="ids or folders; all in checkpoints/ if none is given")
    table.add_argument("--to", type=Path, help="folder of table1.md, table1.json and curves.json; docs/ if not given")
    table.add_argument("--cache", type=Path, help="folder of numbers to go on from where a model was done before")
    table.set_defaults(command=_table)


def _table(options: argparse.Namespace) -> None:
    from . import checkpoint as registry
    from . import data
    from .evaluation.table import DATASET, build_table, load_sets
    from .evaluation.table_text import write_table

    chosen = [registry.find(name) for name in options.checkpoint] or registry.checkpoints()
    other = [checkpoint.id for checkpoint in chosen if checkpoint.config["data"]["name"] != DATASET]
    if options.checkpoint and other:
        raise ValueError(f"the table is of models of {DATASET}, which {' and '.join(other)} is not.")
    images, labels = data.load(DATASET, "test")
    chosen = [checkpoint for checkpoint in chosen if checkpoint.id not in other]
    table = build_table(chosen, images, labels, load_sets(images), cache=options.cache)
    for path in write_table(table, options.to or Path(__file__).resolve().parent.parent / "docs"):
        print(path)


def _add_sigma(commands) -> None:
    sigma = commands.add_parser("sigma", help="compare models of different training noise, as Fig. 10 does")
    sigma.add_argument(
        "model", nargs="+", help="trainings, or ids or folders of checkpoints, that differ in --noise only"
    )
    sigma.add_argument("--to", type=Path, help="CSV file to write")
    sigma.set_defaults(command=_sigma)


def _sigma(options: argparse.Namespace) -> None:
    from . import data
    from .evaluation.sigma import ordered, slopes, study, write_studies

    chosen = {Path(name).resolve().name: _model_and_dataset(name) for name in options.model}
    if len(chosen) < len(options.model):
        raise ValueError("two of the models have the same name: the file could not tell them apart.")
    names = {dataset for _, dataset in chosen.values()}
    if len(names) > 1:
        raise ValueError(f"models of one data set can be compared, not of {' and '.join(sorted(names))}.")
    images, labels = data.load(names.pop(), "test")
    studies = ordered({id: study(model, images, labels) for id, (model, _) in chosen.items()})
    for (name, row), slope in zip(studies.items(), slopes(list(studies.values()), images[0].size), strict=True):
        print(
            f"{name}: sigma {row.sigma}; L_X {row.l_x:.1f} nats; L_Y {row.l_y:.3f} nats; error {row.error:.2%}; "
            f"bits/dim {row.bits_per_dim:.3f}; CI(X, Z_E) {row.cross_information:.1f} nats"
            + ("" if slope is None else f"; slope to the next {slope:.3f} of -d")
        )
    if options.to:
        write_studies(studies, images[0].size, options.to)
        print(options.to)


def _model_and_dataset(name: str):
    """The model of a finished training or of a checkpoint, and the data set of its training."""
    from . import checkpoint as registry
    from .export import finished_training
    from .training.state import FILE

    if (Path(name) / FILE).exists():
        trained = finished_training(Path(name))
        return trained.model, trained.config.dataset
    checkpoint = registry.find(name)
    return registry.load(checkpoint), checkpoint.config["data"]["name"]


def _add_data(commands) -> None:
    fetch = commands.add_parser("data", help="download a data set from its official source")
    fetch.add_argument("dataset", choices=["cifar10", "cifar100"])
    fetch.add_argument("--to", type=Path, help="folder; IBINN_DATA or ./data if not given")
    fetch.set_defaults(command=_data)


def _data(options: argparse.Namespace) -> None:
    from . import data

    print(data.download(options.dataset, options.to))


if __name__ == "__main__":
    sys.exit(main())
