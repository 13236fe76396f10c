"""Make a key for exchanging packages with other deployments. Writes nothing: the seed goes into the environment."""

from typing import Any

from django.core.management.base import BaseCommand

from rounds.exchange import keys


class Command(BaseCommand):
    help = "Makes an Ed25519 key: the seed for EXCHANGE_KEY, the public key and its fingerprint."

    def handle(self, *args: Any, **options: Any) -> None:
        seed = keys.make_seed()
        public = keys.key_of(seed).public
        self.stdout.write(f"EXCHANGE_KEY={seed}")
        self.stdout.write(f"public key    {public}")
        self.stdout.write(f"fingerprint   {keys.fingerprint(public)}")
