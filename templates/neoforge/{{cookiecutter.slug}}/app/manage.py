"""Commands for operators: accounts for roles that do not sign up, sample records, reminders.

python -m app.manage account ROLE EMAIL NAME     (the password is asked for, or read from PASSWORD)
python -m app.manage seed EMAIL                  (sample records that belong to this account)
python -m app.manage remind                      (messages about dates that have come near; run it daily)
"""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from app.core import notices
from app.core.database import get_engine, now
from app.core.errors import Conflict, Problem
from app.core.samples import make_record
from app.identity import accounts
from app.identity.models import User
from app.identity.roles import ROLES
from app.registry.resources import RESOURCES


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; says what is wrong on standard error."""
    options = parser().parse_args(arguments)
    with orm.Session(get_engine()) as session:
        try:
            print(options.run(session, options))
        except Problem as problem:
            print("; ".join([problem.detail, *problem.errors.values()]), file=sys.stderr)
            return 1
        session.commit()
    return 0


def parser() -> argparse.ArgumentParser:
    """The words of the command line."""
    top = argparse.ArgumentParser(prog="python -m app.manage")
    commands = top.add_subparsers(required=True)
    account = commands.add_parser("account", help="make an account of any role")
    account.add_argument("role")
    account.add_argument("email")
    account.add_argument("name")
    account.set_defaults(run=make_account)
    seed = commands.add_parser("seed", help="make sample records")
    seed.add_argument("email", help="address of the account that they belong to")
    seed.set_defaults(run=make_samples)
    commands.add_parser("remind", help="queue messages about dates").set_defaults(run=remind)
    return top


def make_account(session: orm.Session, options: argparse.Namespace) -> str:
    """Makes an account of any role."""
    if accounts.find_role(options.role) is None:
        known = ", ".join(role.name for role in ROLES)
        raise Problem(f"There is no role `{options.role}`; there are: {known}")
    password = os.environ.get("PASSWORD") or getpass.getpass()
    form = accounts.SignUp(options.name, options.email, password, options.role)
    return f"account {accounts.create_account(session, form).id}"


def make_samples(session: orm.Session, options: argparse.Namespace) -> str:
    """Makes the sample records of every entity that has fewer."""
    wanted = sa.select(User.id).where(User.email == options.email.lower())
    user_id = session.scalar(wanted)
    if user_id is None:
        raise Problem(f"There is no account with the address `{options.email}`.")
    count = 0
    for resource in RESOURCES:
        present = session.scalar(sa.select(sa.func.count(resource.model.id))) or 0
        for _ in range(max(0, resource.seed_records - present)):
            try:
                make_record(session, user_id, resource)
            except Conflict:
                break  # Unique fields with few values leave no room for more.
            count += 1
    return f"{count} sample records"


def remind(session: orm.Session, _options: argparse.Namespace) -> str:
    """Queues messages about dates that have come near."""
    return f"{notices.remind(session, now().date())} messages"


if __name__ == "__main__":
    sys.exit(main())
