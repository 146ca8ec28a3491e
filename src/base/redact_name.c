/*
 * What names say of their values. A name is secret by its end, so that adminPassword,
 * TF_HTTP_PASSWORD and spring.datasource.password need no rows of their own.
 */
#include "config.h"
#include "base/redact_part.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* Of a longer name the end decides. */
#define NAME_MAX_BYTES 48
/* A longer value only looks like a reference. */
#define REFERENCE_MAX 256
/* So much of a value tells its look. */
#define RANDOM_MAX 100

struct name {
	const char *end; /* in lower case, without "_" and "-"; NULL ends the list */
	enum redact_name kind;
	bool whole; /* the name is this, and not only its end */
};

static const struct name names_d[] = {
	{ "password", NAME_SECRET, false },
	{ "passwd", NAME_SECRET, false },
	{ "pwd", NAME_SECRET, false },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_e[] = {
	{ "passphrase", NAME_SECRET, false },
	{ "passcode", NAME_SECRET, false },
	{ "setcookie", NAME_HEADER, true },
	{ "cookie", NAME_HEADER, true },
	{ "amzsignature", NAME_SECRET, false },
	{ "googsignature", NAME_SECRET, false },
	{ "sharedaccesssignature", NAME_SECRET, false },
	{ "secretvalue", NAME_SECRET, false },
	{ "securevalue", NAME_SECRET, true },
	{ "code", NAME_LINK, true },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_g[] = {
	{ "connectionstring", NAME_SECRET, false },
	{ "connstring", NAME_SECRET, false },
	{ "sig", NAME_LINK, true },
	{ "kubeconfig", NAME_SECRET, true },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_h[] = {
	{ "auth", NAME_WEAK, true },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_k[] = {
	{ "psk", NAME_SECRET, true },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_l[] = {
	{ "credential", NAME_WEAK, false },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_n[] = {
	{ "nexttoken", NAME_PLAIN, true },
	{ "pagetoken", NAME_PLAIN, false },
	{ "skiptoken", NAME_PLAIN, false },
	{ "continuationtoken", NAME_PLAIN, false },
	{ "synctoken", NAME_PLAIN, false },
	{ "token", NAME_SECRET, false },
	{ "authorization", NAME_HEADER, false },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_a[] = {
	{ "clientkeydata", NAME_SECRET, false },
	{ "customdata", NAME_SECRET, false },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_s[] = {
	{ "pass", NAME_SECRET, true },
	{ "adminpass", NAME_SECRET, false },
	{ "userpass", NAME_SECRET, false },
	{ "rootpass", NAME_SECRET, false },
	{ "dbpass", NAME_SECRET, false },
	{ "sas", NAME_SECRET, true },
	{ "accesssas", NAME_SECRET, false },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_t[] = {
	{ "secret", NAME_SECRET, false },
	{ "jwt", NAME_SECRET, true },
	{ "pat", NAME_SECRET, true },
	{ NULL, NAME_PLAIN, false },
};
static const struct name names_y[] = {
	{ "apikey", NAME_SECRET, false },
	{ "appkey", NAME_SECRET, false },
	{ "accesskey", NAME_SECRET, false },
	{ "accountkey", NAME_SECRET, false },
	{ "adminkey", NAME_SECRET, false },
	{ "authkey", NAME_SECRET, false },
	{ "clientkey", NAME_SECRET, false },
	{ "encryptionkey", NAME_SECRET, false },
	{ "functionkey", NAME_SECRET, false },
	{ "hmackey", NAME_SECRET, false },
	{ "masterkey", NAME_SECRET, false },
	{ "primarykey", NAME_SECRET, false },
	{ "privatekey", NAME_SECRET, false },
	{ "querykey", NAME_SECRET, false },
	{ "secondarykey", NAME_SECRET, false },
	{ "secretkey", NAME_SECRET, false },
	{ "sharedkey", NAME_SECRET, false },
	{ "signingkey", NAME_SECRET, false },
	{ "storagekey", NAME_SECRET, false },
	{ "subscriptionkey", NAME_SECRET, false },
	{ "systemkey", NAME_SECRET, false },
	{ "key", NAME_WEAK, true },
	{ NULL, NAME_PLAIN, false },
};

static const struct name *const names[UCHAR_MAX + 1] = {
	['a'] = names_a,
	['d'] = names_d,
	['e'] = names_e,
	['g'] = names_g,
	['h'] = names_h,
	['k'] = names_k,
	['l'] = names_l,
	['n'] = names_n,
	['s'] = names_s,
	['t'] = names_t,
	['y'] = names_y,
};

static enum redact_name
look_up(const char *plain, size_t len)
{
	const struct name *row = len > 0 ? names[(unsigned char)plain[len - 1]] : NULL;

	for (; row != NULL && row->end != NULL; row++) {
		size_t n = strlen(row->end);

		if (n <= len && memcmp(plain + len - n, row->end, n) == 0 &&
		    (!row->whole || n == len))
			return row->kind;
	}
	return NAME_PLAIN;
}

enum redact_name
redact_name(const char *name, size_t len, bool *many)
{
	char plain[NAME_MAX_BYTES] = { 0 };
	size_t n = 0;

	*many = false;
	if (len > NAME_MAX_BYTES) {
		name += len - NAME_MAX_BYTES;
		len = NAME_MAX_BYTES;
	}
	while (len > 0 && isdigit((unsigned char)name[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		if (name[i] != '_' && name[i] != '-')
			plain[n++] = (char)tolower((unsigned char)name[i]);

	enum redact_name kind = look_up(plain, n);
	if (kind == NAME_PLAIN && n > 1 && plain[n - 1] == 's') {
		kind = look_up(plain, n - 1);
		*many = kind != NAME_PLAIN;
	}
	return kind;
}

static bool
begins(const char *value, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && strncasecmp(value, with, n) == 0;
}

static bool
is_one_of(const char *value, size_t len, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && strncasecmp(value, words[i], len) == 0)
			return true;
	return false;
}

static bool
is_masked(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] != '*')
			return false;
	return true;
}

bool
redact_is_reference(const char *value, size_t len)
{
	static const char *const nothing[] = { "null", "none", "nil", "true", "false", "undefined",
		"redacted", "[redacted]" };
	static const char *const beginnings[] = { "${", "$(", "{{", "env:", "file:", "@/",
		"@Microsoft.KeyVault(", "/subscriptions/", "(sensitive" };

	if (len > REFERENCE_MAX)
		return false;
	if (is_masked(value, len) || is_one_of(value, len, nothing, COUNT_OF(nothing)))
		return true;
	for (size_t i = 0; i < COUNT_OF(beginnings); i++)
		if (begins(value, len, beginnings[i]))
			return true;
	if (value[0] == '<' && value[len - 1] == '>')
		return true;
	return begins(value, len, "https://") &&
	    memmem(value, len, ".vault.", strlen(".vault.")) != NULL;
}

bool
redact_is_prose(const char *value, size_t len, const char *end)
{
	static const char *const words[] = { "a", "an", "and", "are", "argument", "at", "by", "can",
		"cannot", "does", "expected", "expired", "for", "from", "has", "in", "invalid",
		"is", "may", "missing", "must", "needs", "not", "of", "on", "option", "or",
		"parameter", "required", "requires", "should", "that", "the", "this", "to",
		"unexpected", "unknown", "value", "was", "when", "will", "with", "you", "your" };
	const char *next = value + len;

	if (is_one_of(value, len, words, COUNT_OF(words)))
		return true;
	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)value[i]))
			return false;
	/* "password: Creating..." is what terraform does. */
	return len <= 12 && end - next >= 2 &&
	    ((next[0] == ' ' && isalpha((unsigned char)next[1])) ||
		(next[0] == '.' && next[1] == '.'));
}

/* A UUID, whose groups are of hexadecimal digits. */
static bool
is_uuid(const char *value, size_t len)
{
	if (len != 36)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? value[i] != '-' : !isxdigit((unsigned char)value[i]))
			return false;
	}
	return true;
}

bool
redact_is_random(const char *value, size_t max, bool hex)
{
	bool digit = false, upper = false, lower = false, beyond_f = false;
	size_t len = 0;

	while (len < max && len < RANDOM_MAX &&
	    (redact_is_base64_char(value[len]) || redact_is_word_char(value[len])))
		len++;
	if (len < 32 || is_uuid(value, len) || value[0] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		digit = digit || isdigit(c);
		upper = upper || isupper(c);
		lower = lower || islower(c);
		beyond_f = beyond_f || (isalpha(c) && tolower(c) > 'f');
	}
	return digit && (hex || (upper && lower && beyond_f));
}
