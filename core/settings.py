"""Every setting of the program, read once from the environment. Nobody else reads the environment."""

import os
import secrets
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


def _default_data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "soegaki"


class Settings(BaseSettings):
    """`SOEGAKI_<NAME>` sets a field; `SOEGAKI_<NAME>_FILE` names a file that holds it (for secrets)."""

    model_config = SettingsConfigDict(env_prefix="SOEGAKI_", extra="ignore")

    environment: Environment = Field(Environment.DEVELOPMENT, description="development, test or production")
    data_dir: Path = Field(default_factory=_default_data_dir, description="Where the program keeps its own data")
    database_url: SecretStr | None = Field(None, description="Your PostgreSQL; without it the program starts its own")
    redis_url: SecretStr | None = Field(None, description="Your Redis or Valkey; without it the program starts its own")
    secret_key: SecretStr | None = Field(None, description="Wraps every key; made in the data folder when absent")
    storage_url: str | None = Field(None, description="Where files go, as an fsspec address; a local folder by default")
    base_url: str = Field("http://127.0.0.1:8080", description="Public address, printed into QR codes")
    web_host: str = Field("127.0.0.1", description="Address the web application listens on")
    web_port: int = Field(8080, description="Port the web application listens on")
    web_processes: int = Field(1, description="Web processes")
    worker_processes: int = Field(2, description="Worker processes")
    database_pool_size: int = Field(4, description="Database connections per process")
    job_stale_seconds: float = Field(30.0, description="A job sent but not finished for so long is sent again")
    job_poll_seconds: float = Field(0.1, description="How often the relay looks for new jobs")
    clock_offset_seconds: float = Field(0.0, description="Sets the program's clock off, for demonstrations of the past")
    printer_networks: str = Field(
        "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7",
        description="Networks a printer may stand in; add 127.0.0.1/32 for a print server on the same machine",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    default_language: str = Field("ja", description="Language where neither user nor browser asks for one")

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in cls.model_fields:
            path = os.environ.get(f"SOEGAKI_{name.upper()}_FILE")
            if path and name not in values:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
        return values

    @model_validator(mode="after")
    def _refuse_missing_secret(self) -> "Settings":
        if self.environment is Environment.PRODUCTION and self.secret_key is None:
            raise ValueError("Production needs SOEGAKI_SECRET_KEY or SOEGAKI_SECRET_KEY_FILE.")
        return self

    def read_secret_key(self) -> bytes:
        """Return the master secret; outside production it is made once in the data folder."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            _create_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip().encode()


def _create_once(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all; the first of several racing processes wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="ascii")
    draft.chmod(0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache
def get_settings() -> Settings:
    return Settings()
