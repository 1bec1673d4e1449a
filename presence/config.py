"""The settings of an installation: `presence.toml`, read as a whole, with every mistake told at once.

`parse(text, name)` reads a text and touches no file, `load(path)` a file. Both return a `Config`, or raise `ConfigError` with
every problem in it. Given `resolve=import_path` they look up the connectors and read the connectors' own settings as well.
"""

from presence.configuration.importing import Resolver, import_path
from presence.configuration.model import (
    Centre,
    ChannelKind,
    Config,
    Limits,
    Organisation,
    Precedence,
    Public,
    Publication,
    PublicationRule,
    Referral,
    Server,
    Source,
    StoreSettings,
    limit_of,
)
from presence.configuration.parsing import ConfigError, load, parse
from presence.configuration.reading import Invalid, Problem
from presence.configuration.stated import ContactSettings, TopicSettings, UnitSettings
from presence.configuration.values import said

__all__ = [
    "Centre",
    "ChannelKind",
    "Config",
    "ConfigError",
    "ContactSettings",
    "Invalid",
    "Limits",
    "Organisation",
    "Precedence",
    "Problem",
    "Public",
    "Publication",
    "PublicationRule",
    "Referral",
    "Resolver",
    "Server",
    "Source",
    "StoreSettings",
    "TopicSettings",
    "UnitSettings",
    "import_path",
    "limit_of",
    "load",
    "parse",
    "said",
]
