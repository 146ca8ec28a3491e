/*
 * Whether a word varies is told by its look: it is quoted, has a digit, a hyphen or an
 * underscore, is an address, a region or a known name. Better one word too many is
 * taken for a name than one too few: the code tells most failures apart, and the message
 * only the rest. But a name that is an ordinary word ("vm", "quota") is none where nothing
 * marks it: else what an objective is called would change what its failures say. The end
 * of a long message was cut, wherever the names in it left it, so only its beginning
 * counts.
 */
#include <config.h>

#include "core/signature.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "core/words.h"

/* Of the message as it is seen; where there is no code it has to tell more. */
#define TEXT_MAX 120
#define TEXT_MAX_NO_CODE 200
/* Between quotes; what has so many blanks is a sentence, and no name. */
#define QUOTED_MAX 400
#define QUOTED_BLANKS 4
/* "Germany West Central" */
#define REGION_WORDS 3
#define WORD_MAX 48

/* Regions of Azure, without the number that some have behind; those of others have one. */
static const char *const regions[] = { "australiacentral", "australiaeast", "australiasoutheast",
	"austriaeast", "belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral",
	"canadaeast", "centralindia", "centralus", "centraluseuap", "chilecentral", "chinaeast",
	"chinanorth", "denmarkeast", "eastasia", "eastus", "eastuseuap", "francecentral",
	"francesouth", "germanynorth", "germanywestcentral", "indonesiacentral", "israelcentral",
	"italynorth", "japaneast", "japanwest", "jioindiacentral", "jioindiawest", "koreacentral",
	"koreasouth", "malaysiawest", "mexicocentral", "newzealandnorth", "northcentralus",
	"northeurope", "norwayeast", "norwaywest", "polandcentral", "qatarcentral",
	"southafricanorth", "southafricawest", "southcentralus", "southeastasia", "southindia",
	"spaincentral", "swedencentral", "swedensouth", "switzerlandnorth", "switzerlandwest",
	"taiwannorth", "uaecentral", "uaenorth", "uksouth", "ukwest", "usdodcentral", "usdodeast",
	"usgovarizona", "usgovtexas", "usgovvirginia", "westcentralus", "westeurope", "westindia",
	"westus" };

/* What dates are written with, beside digits. */
static const char *const of_dates[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan",
	"feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "am", "pm",
	"utc", "gmt" };

/* They go with the number before them. */
static const char *const units[] = { "ms", "millisecond", "milliseconds", "s", "sec", "secs",
	"second", "seconds", "min", "mins", "minute", "minutes", "h", "hour", "hours", "day",
	"days" };

struct word {
	const char *at;
	size_t len;
};

struct text {
	struct buf out;
	const struct strv *names;
	struct word last; /* the one before */
};

static bool
is_listed(const char *word, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && strncasecmp(list[i], word, len) == 0)
			return true;
	return false;
}

static bool
is_word_char(char c)
{
	return c != '\0' &&
	    (isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
		strchr("_-./:@%+=~\\&#?$*", c) != NULL);
}

/* The word at P, without the stops of its sentence; P stands at one of its bytes. */
static struct word
word_at(const char *p)
{
	struct word w = { p, 0 };

	while (is_word_char(p[w.len]))
		w.len++;
	while (w.len > 0 && strchr(".:?=\\", w.at[w.len - 1]) != NULL)
		w.len--;
	return w;
}

/* ---- what varies ---- */

static bool
is_known(const struct text *t, struct word w)
{
	static const char *const marks[] = { "named", "called" };

	if (word_is_ordinary(w.at, w.len) &&
	    !is_listed(t->last.at, t->last.len, marks, COUNT_OF(marks)))
		return false;
	for (size_t i = 0; t->names != NULL && i < t->names->len; i++)
		if (strlen(t->names->v[i]) == w.len &&
		    strncasecmp(t->names->v[i], w.at, w.len) == 0)
			return true;
	return false;
}

/* "management.azure.com", "main.tf": small letters with dots between. */
static bool
is_address(struct word w)
{
	size_t last = 0, dots = 0;

	for (size_t i = 0; i < w.len; i++) {
		if (!islower((unsigned char)w.at[i]) && w.at[i] != '.')
			return false;
		last = w.at[i] == '.' ? 0 : last + 1;
		dots += w.at[i] == '.';
	}
	return dots > 0 && last > 1;
}

/* "Microsoft.Compute/virtualMachines/vm1": the type stays, and what follows it varies. */
static size_t
type_len(struct word w)
{
	size_t slashes = 0, i = 0;

	if (w.len < 10 || strncasecmp(w.at, "Microsoft.", 10) != 0)
		return 0;
	for (; i < w.len; i++)
		if (w.at[i] == '/' && ++slashes == 2)
			break;
	return i;
}

/* "name=web": the length of what the value behind it belongs to; 0 if there is no value. */
static size_t
key_len(struct word w)
{
	size_t i = 0;

	while (i < w.len && isalpha((unsigned char)w.at[i]))
		i++;
	return i > 0 && i + 1 < w.len && w.at[i] == '=' ? i : 0;
}

static bool
varies(const struct text *t, struct word w)
{
	if (is_known(t, w) || is_address(w) ||
	    is_listed(w.at, w.len, of_dates, COUNT_OF(of_dates)) ||
	    is_listed(w.at, w.len, regions, COUNT_OF(regions)))
		return true;
	for (size_t i = 0; i < w.len; i++)
		if (isdigit((unsigned char)w.at[i]) || (unsigned char)w.at[i] >= 0x80 ||
		    strchr("_-@%~\\*", w.at[i]) != NULL)
			return true;
	return memchr(w.at, '/', w.len) != NULL;
}

/* The length of a region's name of several words at P; 0 if there is none. */
static size_t
region_len(const char *p)
{
	char plain[WORD_MAX];
	size_t len = 0, found = 0;
	const char *at = p;

	for (int words = 1; words <= REGION_WORDS; words++) {
		struct word w = word_at(at);

		if (w.len == 0 || len + w.len > sizeof(plain))
			break;
		memcpy(plain + len, w.at, w.len);
		len += w.len;
		at += w.len;
		if (words > 1 && is_listed(plain, len, regions, COUNT_OF(regions)))
			found = (size_t)(at - p);
		if (*at != ' ')
			break;
		at++;
	}
	return found;
}

/*
 * The length of what is quoted at P; 0 if nothing is. What is opened and never closed
 * was cut, and lasts to the end.
 */
static size_t
quoted_len(const char *p, char before)
{
	size_t len = 1, blanks = 0;

	if ((*p != '\'' && *p != '"' && *p != '`') || strchr(" \n\t([{<=:,", before) == NULL)
		return 0;
	for (; len < QUOTED_MAX && p[len] != '\0'; len++) {
		if (p[len] == *p && !isalnum((unsigned char)p[len + 1]))
			return len + 1;
		blanks += p[len] == ' ';
		if (blanks == QUOTED_BLANKS)
			return 0;
	}
	return p[len] == '\0' ? len : 0;
}

/* ---- the text ---- */

static bool
ends_varying(const struct text *t)
{
	return t->out.len > 0 && t->out.data[t->out.len - 1] == '@';
}

static void
add(struct text *t, const char *word, size_t len)
{
	if (t->out.len > 0)
		buf_addc(&t->out, ' ');
	for (size_t i = 0; i < len; i++)
		buf_addc(&t->out, (char)tolower((unsigned char)word[i]));
}

static void
add_varying(struct text *t)
{
	if (!ends_varying(t))
		add(t, "@", 1);
	t->last = (struct word){ "", 0 };
}

/* IN_BRACKETS: it stands alone in them, as names do. */
static void
add_word(struct text *t, struct word w, bool in_brackets)
{
	size_t type = type_len(w), key = key_len(w);
	bool is_name = in_brackets || varies(t, w);

	if (type > 0) {
		add(t, w.at, type);
		if (type < w.len)
			add_varying(t);
	} else if (key > 0) {
		add(t, w.at, key);
		add_varying(t);
	} else if (is_name) {
		add_varying(t);
	} else if (!ends_varying(t) || !is_listed(w.at, w.len, units, COUNT_OF(units))) {
		add(t, w.at, w.len);
	}
	if (!is_name)
		t->last = w;
}

/* Whole words only: where the last one began is the same for all. */
static void
cut(struct buf *out, size_t max)
{
	while (out->len > max) {
		char *blank = memrchr(out->data, ' ', out->len);

		out->len = blank != NULL ? (size_t)(blank - out->data) : 0;
		out->data[out->len] = '\0';
	}
}

char *
signature_text(const struct failure *f, const struct strv *names)
{
	const char *message = f->message != NULL ? f->message : "";
	size_t max = f->code != NULL ? TEXT_MAX : TEXT_MAX_NO_CODE;
	struct text t = {
		.out = BUF_INIT(strlen(message) * 2 + 2), .names = names, .last = { "", 0 }
	};
	char before = ' ';

	for (const char *p = message; *p != '\0' && t.out.len <= max;) {
		size_t quoted = quoted_len(p, before), region = region_len(p);
		struct word w = word_at(p);
		size_t len = quoted > 0 ? quoted : region > 0 ? region : w.len > 0 ? w.len : 1;

		if (quoted > 0 || region > 0)
			add_varying(&t);
		else if (w.len > 0)
			add_word(&t, w, before == '(' && p[w.len] == ')');
		p += len;
		before = p[-1];
	}
	cut(&t.out, max);
	return buf_take(&t.out);
}

void
signature_of(const struct failure *f, const char *capability, const struct strv *names,
    char out[static SIGNATURE_SIZE])
{
	AUTO_FREE char *text = signature_text(f, names);
	AUTO_FREE char *code = xstrdup(f->code != NULL ? f->code : "");
	char digest[DIGEST_SIZE];

	/* Codes are the same in whatever case. */
	for (char *p = code; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	AUTO_FREE char *all = xasprintf("%s\n%s\n%s\n%s\n%s", failure_class_name(f->class), code,
	    capability != NULL ? capability : "", f->step != NULL ? f->step : "", text);
	digest_text(all, digest);
	memcpy(out, digest, SIGNATURE_LEN);
	out[SIGNATURE_LEN] = '\0';
}
