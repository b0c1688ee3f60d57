"""What the local stack and compose are told in place of a deployment's own data: openly made up."""

import json

BUYER = json.dumps(
    [
        {
            "name": "Acheteur fictif (essai, au lieu de Formiris)",
            "siren": "123456782",
            "siret": "12345678200002",
            "street": "1 rue Fictive",
            "postcode": "00000",
            "town": "Ville-Fictive",
        }
    ],
    ensure_ascii=False,
)
"""FORMELIE_BUYER: a number that only passes for one, of nobody."""
