-- The queries of the keyring.

-- name: obtain
select person, wrapped from keyring.obtain($1, $2);

-- name: keys
select person, wrapped from keyring.keys where person = any ($1);

-- name: destroy
select keyring.destroy($1);
