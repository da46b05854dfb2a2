"""``card``: writes the model cards of checkpoints, by which their folders are repositories of the Hugging Face Hub."""

import argparse

from .arguments import Commands, checkpoints


def add(commands: Commands) -> None:
    card = commands.add_parser("card", help="write the model card of checkpoints, README.md, for the Hugging Face Hub")
    card.add_argument("checkpoint", nargs="*", help="ids or folders; all that are listed if none is given")
    card.add_argument(
        "--license", help="of the weights, as the Hub calls it, such as mit; that of the card before if not given"
    )
    card.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from ..checkpoint.model_card import CARD_FILE, license_in, model_card
    from ..files import write_text

    for one in checkpoints(options.checkpoint):
        file = one.path / CARD_FILE
        before = license_in(file.read_text("utf-8", "replace")) if file.is_file() else None
        write_text(file, model_card(one, options.license or before))
        print(file)
