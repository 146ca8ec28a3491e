/*
 * Secrets that tell themselves: what issues them marks them, so that they can be found
 * where they have been lost. A mark alone is not enough; the rest must be as long, and of
 * such bytes, as those who issue it say.
 */
#include "config.h"
#include "base/redact_part.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/redact.h"

enum bytes {
	NONE = 0,
	WORD = 1 << 0,   /* letters, digits, "_", "-" */
	TOKEN = 1 << 1,  /* WORD, ".", "~" */
	BASE64 = 1 << 2, /* letters, digits, "+", "/" */
	ALNUM = 1 << 3,
};

#define DIGIT_SET WORD | TOKEN | BASE64 | ALNUM
static const unsigned char sets[UCHAR_MAX + 1] = {
	['0' ... '9'] = DIGIT_SET,
	['A' ... 'Z'] = DIGIT_SET,
	['a' ... 'z'] = DIGIT_SET,
	['_'] = WORD | TOKEN,
	['-'] = WORD | TOKEN,
	['.'] = TOKEN,
	['~'] = TOKEN,
	['+'] = BASE64,
	['/'] = BASE64,
};

static bool
is_in(char c, enum bytes set)
{
	return (sets[(unsigned char)c] & set) != 0;
}

bool
redact_is_word_char(char c)
{
	return is_in(c, WORD);
}

bool
redact_is_token_char(char c)
{
	return is_in(c, TOKEN);
}

bool
redact_is_base64_char(char c)
{
	return is_in(c, BASE64);
}

static size_t
run_of(const char *text, size_t len, size_t at, enum bytes set)
{
	size_t end = at;

	while (end < len && is_in(text[end], set))
		end++;
	return end - at;
}

/* ---- what begins with a mark ---- */

struct shape {
	const char *mark; /* NULL ends the list */
	enum bytes set;   /* of what follows */
	size_t min;       /* so many bytes of it at least */
};

static const struct shape shapes_a[] = {
	{ "ATATT3", WORD, 60 }, /* Atlassian */
	{ "AKIA", ALNUM, 16 },  /* AWS */
	{ "ASIA", ALNUM, 16 },
	{ "AIza", WORD, 35 }, /* Google */
	{ "AGE-SECRET-KEY-1", ALNUM, 40 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_d[] = {
	{ "dapi", ALNUM, 32 }, /* Databricks */
	{ "dckr_pat_", WORD, 20 },
	{ "dop_v1_", ALNUM, 40 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_g[] = {
	{ "ghp_", ALNUM, 30 }, /* GitHub */
	{ "gho_", ALNUM, 30 },
	{ "ghu_", ALNUM, 30 },
	{ "ghs_", ALNUM, 30 },
	{ "ghr_", ALNUM, 30 },
	{ "github_pat_", WORD, 22 },
	{ "glpat-", WORD, 20 }, /* GitLab */
	{ "gldt-", WORD, 20 },
	{ "glrt-", WORD, 20 },
	{ "glsa_", WORD, 32 }, /* Grafana */
	{ NULL, NONE, 0 },
};
static const struct shape shapes_h[] = {
	{ "hf_", ALNUM, 30 },
	{ "hvs.", TOKEN, 24 }, /* Vault */
	{ "hvb.", TOKEN, 24 },
	{ "hooks.slack.com/services/", BASE64, 40 },
	{ NULL, NONE, 0 },
};
/* A private key in base64: "-----BEGIN RSA PRIV" and its like. */
static const struct shape shapes_l[] = {
	{ "LS0tLS1CRUdJTiBSU0EgUFJJ", BASE64, 100 },
	{ "LS0tLS1CRUdJTiBQUklW", BASE64, 100 },
	{ "LS0tLS1CRUdJTiBFQyBQUklW", BASE64, 100 },
	{ "LS0tLS1CRUdJTiBPUEVOU1NI", BASE64, 100 },
	{ "LS0tLS1CRUdJTiBFTkNSWVBU", BASE64, 100 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_n[] = {
	{ "npm_", ALNUM, 30 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_p[] = {
	{ "pypi-AgE", WORD, 40 },
	{ "pul-", ALNUM, 40 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_r[] = {
	{ "rk_live_", ALNUM, 20 },
	{ "rk_test_", ALNUM, 20 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_s[] = {
	{ "sk_live_", ALNUM, 20 }, /* Stripe */
	{ "sk_test_", ALNUM, 20 },
	{ "sk-", WORD, 32 }, /* OpenAI, Anthropic */
	{ "shpat_", ALNUM, 30 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_S[] = {
	{ "SG.", TOKEN, 50 }, /* SendGrid */
	{ NULL, NONE, 0 },
};
static const struct shape shapes_w[] = {
	{ "whsec_", ALNUM, 24 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_x[] = {
	{ "xoxb-", WORD, 16 }, /* Slack */
	{ "xoxp-", WORD, 16 },
	{ "xoxa-", WORD, 16 },
	{ "xoxr-", WORD, 16 },
	{ "xoxe-", WORD, 16 },
	{ "xoxs-", WORD, 16 },
	{ "xapp-", WORD, 16 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_y[] = {
	{ "ya29.", TOKEN, 30 }, /* Google */
	{ NULL, NONE, 0 },
};
static const struct shape shapes_G[] = {
	{ "GOCSPX-", WORD, 20 },
	{ NULL, NONE, 0 },
};
/* Refresh tokens of Entra. */
static const struct shape shapes_0[] = {
	{ "0.A", TOKEN, 60 },
	{ NULL, NONE, 0 },
};
static const struct shape shapes_1[] = {
	{ "1.A", TOKEN, 60 },
	{ NULL, NONE, 0 },
};

static const struct shape *const shapes[UCHAR_MAX + 1] = {
	['0'] = shapes_0,
	['1'] = shapes_1,
	['A'] = shapes_a,
	['G'] = shapes_G,
	['L'] = shapes_l,
	['S'] = shapes_S,
	['d'] = shapes_d,
	['g'] = shapes_g,
	['h'] = shapes_h,
	['n'] = shapes_n,
	['p'] = shapes_p,
	['r'] = shapes_r,
	['s'] = shapes_s,
	['w'] = shapes_w,
	['x'] = shapes_x,
	['y'] = shapes_y,
};

static bool
has_digit(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isdigit((unsigned char)text[i]))
			return true;
	return false;
}

static struct redact_span
marked_shape(const char *text, size_t len, size_t at)
{
	const struct shape *s = shapes[(unsigned char)text[at]];

	for (; s != NULL && s->mark != NULL; s++) {
		size_t n = strlen(s->mark), run;

		if (len - at < n || memcmp(text + at, s->mark, n) != 0)
			continue;
		/* So much decides; only what is masked is measured, so that nothing is measured twice. */
		run = run_of(text, len - at - n < s->min ? len : at + n + s->min, at + n, s->set);
		if (run >= s->min && has_digit(text + at + n, run))
			return (struct redact_span){ at, n + run_of(text, len, at + n, s->set) };
	}
	return (struct redact_span){ at, 0 };
}

/* ---- what has its mark inside ---- */

/* "eyJ...": the header of a JSON web token, its claims, and a signature that may be empty. */
static struct redact_span
web_token(const char *text, size_t at, size_t end)
{
	size_t head = run_of(text, end, at, WORD), claims;

	if (head < 12 || memcmp(text + at, "eyJ", 3) != 0 || at + head == end ||
	    text[at + head] != '.')
		return (struct redact_span){ at, 0 };
	claims = run_of(text, end, at + head + 1, WORD);
	return (struct redact_span){ at, claims >= 8 ? end - at : 0 };
}

/* "xxx8Q~...": a client secret of Entra. "xxx.atlasv1.xxx": a token of Terraform's registry. */
static bool
is_marked_inside(const char *text, size_t token, size_t end)
{
	static const char registry[] = ".atlasv1.";
	const char *at = text + token;
	size_t len = end - token;

	if (len >= 36 && len <= 44 && (at[3] == '7' || at[3] == '8') && at[4] == 'Q' &&
	    at[5] == '~')
		return true;
	return len > 60 && memcmp(at + 14, registry, strlen(registry)) == 0;
}

struct redact_span
redact_shape(const char *text, size_t len, size_t token, size_t at, size_t end)
{
	if (at == token && is_marked_inside(text, token, end))
		return (struct redact_span){ at, end - at };
	if (text[at] == 'e' && end - at >= 24)
		return web_token(text, at, end);
	return marked_shape(text, len, at);
}

/* ---- keys of accounts ---- */

/* What Azure puts into the keys of its services, so that they can be found. */
static const char *const signatures[] = { "+ASt", "ACDb", "+ABa", "+AMC", "+AIoT", "+ASb", "+AEh",
	"+ARm", "+ACR", "AzCa", "AzSe", "AzFu", "AAAAAC", "JQQJ99", "AZDO" };

static bool
has_signature(const char *key, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(signatures); i++)
		if (memmem(key, len, signatures[i], strlen(signatures[i])) != NULL)
			return true;
	return false;
}

/* "sha512-" and its like before it: a digest, which is as long as a key. */
static bool
is_digest(const char *text, size_t at)
{
	return at >= 7 &&
	    (memcmp(text + at - 7, "sha512-", 7) == 0 || memcmp(text + at - 7, "sha512:", 7) == 0);
}

bool
redact_is_account_key(const char *text, size_t at, size_t len)
{
	const char *key = text + at;

	/* 512 bits: of a storage account, of Cosmos DB, of Batch. */
	if (len == 88 && key[86] == '=' && key[87] == '=')
		return !is_digest(text, at) && has_digit(key, len);
	return (len == 44 || len == 52 || len == 56 || len == 84) && has_signature(key, len);
}

/* ---- private keys ---- */

static const char key_begins[] = "-----BEGIN ";

/* The length of the line "-----BEGIN ... PRIVATE KEY-----"; 0 if it is none. */
static size_t
key_heading(const char *text, size_t len, size_t at)
{
	static const char *const ends[] = { "PRIVATE KEY-----", "PRIVATE KEY BLOCK-----" };
	size_t n = strlen(key_begins), end;

	if (len - at < n || memcmp(text + at, key_begins, n) != 0)
		return 0;
	for (end = at + n; end < len && end < at + 40; end++)
		if (!isupper((unsigned char)text[end]) && text[end] != ' ')
			break;
	if (len - end < 5 || memcmp(text + end, "-----", 5) != 0)
		return 0;
	end += 5;
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		size_t m = strlen(ends[i]);

		if (end - at >= n + m && memcmp(text + end - m, ends[i], m) == 0)
			return end - at;
	}
	return 0;
}

/* Lines of base64, headings as "DEK-Info: AES-128-CBC,...", and line ends however they are written. */
static bool
is_in_key(char c)
{
	return is_in(c, BASE64) || (c != '\0' && strchr("= \t\r\n\\:,-_", c) != NULL);
}

/* Where the lines of a key that begin at FROM end. A key that was cut ends where a sentence begins. */
static size_t
key_end(const char *text, size_t len, size_t from)
{
	size_t end = from, run = 0;

	for (; end < len && end - from < REDACT_MAX && is_in_key(text[end]); end++) {
		if (text[end] == '-' && len - end >= 5 && memcmp(text + end, "-----", 5) == 0)
			break;
		if (text[end] == ' ' && run > 0 && run < 16)
			break;
		run = is_in(text[end], BASE64) ? run + 1 : 0;
	}
	return end;
}

struct redact_span
redact_private_key(const char *text, size_t len, size_t at, size_t *past)
{
	size_t heading = key_heading(text, len, at), from = at + heading;

	*past = at + 5;
	if (heading == 0)
		return (struct redact_span){ at, 0 };
	*past = key_end(text, len, from);
	return (struct redact_span){ from, *past - from };
}

/* ---- passwords in addresses ---- */

struct redact_span
redact_userinfo(const char *text, size_t len, size_t at)
{
	size_t from = at + 3, end = from, colon = 0, sign = 0;

	while (end < len && end - from < 512 && (unsigned char)text[end] > ' ' &&
	    strchr("/?#\"'<>\\`", text[end]) == NULL) {
		if (text[end] == ':' && colon == 0)
			colon = end;
		if (text[end] == '@')
			sign = end;
		end++;
	}
	if (colon == 0 || sign <= colon)
		return (struct redact_span){ at, 0 };
	return (struct redact_span){ colon + 1, sign - colon - 1 };
}
