"""Where settings come from beside the environment and `.env`: files, and Google Secret Manager.

`NAME_FILE` holds the path of a file with the value (as container platforms mount secrets). SECRETS_DIR is a folder with one
file a setting. GCP_SECRET_MANAGER_PROJECT switches Google Secret Manager on, with one secret a setting, named like it. These
three are themselves read from the environment or `.env`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    GoogleSecretManagerSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
)


class SourceUnavailable(Exception):
    """A source that was asked for cannot be read, so nobody can say what the settings are."""


class FileNamedByEnvironment(PydanticBaseSettingsSource):
    """`CHATWOOT_API_KEY_FILE=/run/secrets/chatwoot` gives CHATWOOT_API_KEY, without the final newline."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the named file. One that cannot be read counts as not there: see `unreadable_files`."""
        for name in names_of(field_name, field):
            path = switches(self.settings_cls).get(f"{name}_FILE")
            if path:
                try:
                    key = name if field.validation_alias else field_name
                    return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), key, False
                except (OSError, UnicodeDecodeError):
                    continue
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every setting that is given by a file."""
        found = {}
        for field_name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, field_name)
            if value is not None:
                found[key] = value
        return found


class SecretManager(GoogleSecretManagerSettingsSource):
    """Google Secret Manager, whose failure names it. It lists the project's secrets and reads those named like a setting."""

    def __call__(self) -> dict[str, Any]:
        """Raise `SourceUnavailable` without credentials or rights."""
        try:
            found = super().__call__()
        except Exception as error:
            cause = error.__cause__ or error
            raise SourceUnavailable(f"GCP_SECRET_MANAGER_PROJECT: cannot be read ({type(cause).__name__}: {cause}).") from error
        return {name: value.rstrip("\r\n") if isinstance(value, str) else value for name, value in found.items()}


def switches(settings_cls: type[BaseSettings]) -> Mapping[str, str]:
    """The environment and, weaker, `.env`: what says which further sources there are."""
    env_file = settings_cls.model_config.get("env_file")
    written = dotenv_values(str(env_file)) if env_file else {}
    return {name: value for name, value in written.items() if value} | os.environ


def unreadable_files(settings_cls: type[BaseSettings]) -> dict[str, str]:
    """What is wrong with the files that the environment names, by the field they are for."""
    found = switches(settings_cls)
    faults = {}
    for field_name, field in settings_cls.model_fields.items():
        for name in names_of(field_name, field):
            if path := found.get(f"{name}_FILE"):
                try:
                    Path(path).read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    faults[field_name] = f"{name}_FILE: cannot be read ({error})."
    if (folder := found.get("SECRETS_DIR")) and not Path(folder).is_dir():
        faults["SECRETS_DIR"] = f"SECRETS_DIR: {folder} is no folder."
    return faults


def names_of(field_name: str, field: FieldInfo) -> list[str]:
    """The names under which a setting is accepted, the present one first."""
    alias = field.validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [field_name.upper()]


def extra_sources(settings_cls: type[BaseSettings]) -> tuple[PydanticBaseSettingsSource, ...]:
    """The sources that are switched on, the stronger first."""
    sources: list[PydanticBaseSettingsSource] = [FileNamedByEnvironment(settings_cls)]
    found = switches(settings_cls)
    folder = found.get("SECRETS_DIR")
    if folder and Path(folder).is_dir():
        sources.append(SecretsSettingsSource(settings_cls, secrets_dir=folder))
    if project := found.get("GCP_SECRET_MANAGER_PROJECT"):
        # In any case of letters, which needs the right to list: a secret that is missing is then told from one that is closed.
        sources.append(SecretManager(settings_cls, project_id=project, case_sensitive=False))
    return tuple(sources)
