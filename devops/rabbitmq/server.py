"""RabbitMQ's own scripts, and the environment in which they touch nothing outside of one directory."""

import glob
import os
import re
import secrets
import sys
from pathlib import Path

INSTALLED = "/usr/lib/rabbitmq/lib/rabbitmq_server-*"
NODE = "rabbit@127.0.0.1"
NO_PORT = "1"  # nobody listens there


def server_home(directory, plugins=()):
    """A home for RabbitMQ's scripts, with the libraries that the broker and these plugins need, and none of the others.

    Erlang looks for each module in every library's folder: all 70 of them would cost a second of each start.
    """
    installed = installation()
    home = directory / "server"
    (home / "plugins").mkdir(parents=True, exist_ok=True)
    for name in ("sbin", "escript"):
        link(home / name, installed / name)
    for library in needed_libraries(installed / "plugins", plugins):
        link(home / "plugins" / library.name, library)
    return home


def installation():
    found = sorted(glob.glob(INSTALLED))
    if not found:
        sys.exit("RabbitMQ is missing: run make setup, or install Debian's package rabbitmq-server")
    return Path(found[-1])


def needed_libraries(plugins, wanted):
    """The folders of `rabbit`, of the plugins that are wanted, and of what these depend on. Those that are not among the plugins are Erlang's own."""
    folders = {folder.name.rpartition("-")[0]: folder for folder in plugins.iterdir() if folder.is_dir()}
    needed, pending = set(), ["rabbit", *wanted]
    while pending:
        name = pending.pop()
        if name in folders and folders[name] not in needed:
            needed.add(folders[name])
            description = (folders[name] / "ebin" / f"{name}.app").read_text()
            pending += re.search(r"{applications,\s*\[(.*?)\]}", description, re.DOTALL)[1].replace(",", " ").split()
    return needed


def link(path, target):
    if not path.is_symlink() or path.readlink() != target:
        path.unlink(missing_ok=True)
        path.symlink_to(target)


def environment(directory, distribution_port):
    """For the server and for rabbitmqctl.

    Both know the port of Erlang's distribution beforehand, so epmd, which would tell it, is not started.
    """
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("RABBITMQ_", "ERL_"))}
    return inherited | {
        "HOME": str(directory),  # of .erlang.cookie
        "ERL_FLAGS": "-start_epmd false",
        "ERL_EPMD_PORT": NO_PORT,
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_CRASH_DUMP_SECONDS": "0",
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": f"{directory}/rabbitmq.conf",
        "RABBITMQ_CONFIG_FILES": f"{directory}/conf.d",
        "RABBITMQ_ADVANCED_CONFIG_FILE": f"{directory}/advanced.config",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{directory}/enabled_plugins",
        "RABBITMQ_PLUGINS_DIR": f"{directory}/server/plugins",
        "RABBITMQ_MNESIA_BASE": f"{directory}/mnesia",
        "RABBITMQ_LOG_BASE": f"{directory}/log",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_USE_LONGNAME": "true",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
            f"-name {NODE} -erl_epmd_port {distribution_port} -kernel inet_dist_use_interface {{127,0,0,1}}",
        "RABBITMQ_CTL_ERL_ARGS": f"-dist_listen false -erl_epmd_port {distribution_port}",
        "detached": "yes",  # the script becomes the server, and keeps no shell beside it
    }


def write_cookie(directory):
    """What Erlang's distribution asks for as a password."""
    path = directory / ".erlang.cookie"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(20))
