/*
 * English as services write it. Who adds a text to tests/data/failures is told by its test
 * which words are missing here.
 */
#include <config.h>

#include "core/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* Sorted. */
static const char *const words[] = { "aad", "able", "aborted", "about", "accelerated", "accepting",
	"access", "accessible", "accessing", "according", "account", "acquire", "acquiring",
	"across", "action", "actions", "active", "activity", "actor", "ad", "add", "added",
	"additional", "address", "addresses", "adjustment", "admin", "administrator", "after",
	"again", "agent", "alert", "alerts", "all", "allocated", "allocation", "allotted", "allow",
	"allowed", "allowlist", "allows", "already", "am", "an", "analytics", "and", "another",
	"any", "api", "app", "application", "applied", "approval", "approved", "apps", "archive",
	"are", "area", "aren", "argument", "arguments", "artifact", "as", "ask", "asks",
	"assertion", "assign", "assigned", "assigning", "assignment", "associated", "at", "attach",
	"attached", "attempt", "attempting", "attribute", "audience", "auth", "authenticate",
	"authenticated", "authentication", "authority", "authorization", "authorized", "authorizer",
	"automation", "availability", "available", "awaiting", "aws", "az", "azure", "backend",
	"backup", "bad", "balancer", "base", "bastion", "batch", "be", "because", "been", "before",
	"behind", "being", "belong", "belonging", "belongs", "below", "best", "between", "blank",
	"blob", "blobs", "block", "blocked", "blocking", "blocks", "blue", "body", "both", "broken",
	"browser", "bucket", "build", "building", "busy", "but", "by", "bytes", "cache", "cached",
	"call", "caller", "can", "canceled", "cancelled", "cannot", "capacity", "case", "casing",
	"catalog", "caused", "cdn", "center", "central", "certificate", "chain", "change",
	"changed", "changes", "changing", "characters", "charge", "check", "checking", "checks",
	"checksums", "circuit", "circular", "claims", "class", "clean", "cli", "client", "closed",
	"cloud", "cluster", "clusters", "code", "cognitive", "column", "combination", "command",
	"common", "communicating", "complete", "completed", "completely", "complex", "component",
	"components", "compute", "concurrent", "condition", "conditional", "configuration",
	"configure", "configured", "confirmation", "conflict", "conflicts", "connect", "connection",
	"connections", "consent", "consented", "consider", "console", "constraints", "contact",
	"contain", "container", "contains", "content", "context", "continue", "control", "copy",
	"core", "cores", "correct", "correctly", "correlation", "cost", "could", "couldn", "count",
	"create", "created", "creating", "creation", "credential", "credentials", "cross", "curl",
	"current", "currently", "custom", "dashboard", "data", "database", "date", "day", "days",
	"deadline", "deallocated", "deallocating", "decisions", "declined", "dedicated", "default",
	"defaults", "definition", "delay", "delete", "deleted", "deleting", "deletion", "denied",
	"dependencies", "dependency", "dependent", "deploy", "deployment", "deployments",
	"deprovisioning", "deserialized", "design", "detached", "details", "detected", "develop",
	"device", "devices", "diagnostic", "diagnostics", "dial", "did", "didn", "different",
	"direct", "directory", "disabled", "disallowed", "disaster", "discovery", "disk", "disks",
	"dns", "do", "document", "documentation", "does", "doesn", "domain", "domains", "don",
	"down", "download", "due", "each", "earlier", "east", "edge", "edit", "either",
	"eligibilty", "email", "empty", "enable", "encountered", "end", "endpoint", "endpoints",
	"engine", "enough", "enroll", "ensure", "entity", "entra", "entry", "environment",
	"environments", "eof", "ephemeral", "errno", "error", "errors", "establish", "etag",
	"every", "exact", "examples", "exceed", "exceeded", "exceeding", "exceeds", "exception",
	"exchange", "exclusive", "exec", "executable", "execution", "exist", "existing", "exists",
	"exit", "expect", "expected", "expiration", "expired", "expiry", "extension", "extensions",
	"external", "factor", "failed", "failure", "falls", "fault", "feature", "features",
	"federated", "field", "fields", "file", "find", "finish", "firewall", "first", "flag",
	"fleet", "flow", "folder", "following", "for", "forbidden", "formatted", "formed", "found",
	"free", "frequency", "fresh", "from", "front", "fully", "function", "functions", "future",
	"gateway", "gateways", "gb", "general", "generalized", "get", "gib", "given", "global",
	"globally", "go", "grant", "granted", "graph", "group", "groups", "guide", "hadn", "handle",
	"handler", "handshake", "happen", "happens", "hard", "hardware", "has", "hash", "hasn",
	"have", "haven", "header", "headers", "healthy", "here", "holding", "host", "hosted",
	"hostname", "how", "however", "http", "https", "iam", "id", "identical", "identifier",
	"identifiers", "identities", "identity", "idle", "if", "image", "images", "immediately",
	"implied", "important", "imported", "improving", "in", "inactive", "inactivity", "incident",
	"include", "included", "including", "incoming", "incorrect", "incorrectly", "increase",
	"index", "indicates", "info", "information", "ingress", "init", "initial", "initialization",
	"inner", "input", "insights", "install", "installation", "installed", "installing",
	"instance", "instances", "integration", "interactive", "intercepts", "interface",
	"interfaces", "internal", "internet", "into", "invalid", "inventory", "invoking", "ip",
	"is", "isn", "iso", "issuance", "issue", "issued", "issuer", "it", "its", "job", "joined",
	"json", "kernel", "key", "keys", "keyvault", "kind", "knowledge", "known", "kubernetes",
	"label", "labels", "large", "last", "later", "launching", "layer", "lease", "least", "left",
	"length", "lengths", "letters", "level", "library", "lifetime", "likelihood", "limit",
	"line", "link", "linked", "links", "linux", "list", "listed", "listing", "live", "ll",
	"load", "local", "location", "locations", "lock", "locked", "log", "login", "logs", "long",
	"longer", "lookup", "loop", "low", "lower", "machine", "made", "main", "maintains", "make",
	"malformed", "manage", "managed", "management", "manager", "manual", "many", "map",
	"marked", "market", "marketplace", "master", "match", "matching", "matrix", "max",
	"maximum", "may", "mb", "media", "medium", "member", "memory", "message", "messages", "met",
	"metric", "metrics", "mfa", "microsoft", "middle", "might", "migration", "minimum",
	"minutes", "mirror", "misconfigured", "missing", "mobile", "mode", "model", "module",
	"monitor", "monitoring", "month", "months", "more", "move", "moved", "ms", "msods",
	"multiple", "must", "name", "named", "names", "namespace", "national", "need", "needed",
	"needs", "neither", "nested", "network", "new", "no", "node", "nodes", "non", "none", "nor",
	"normal", "north", "not", "note", "nothing", "notice", "notification", "number", "numbers",
	"oauth", "object", "obtained", "occurred", "of", "offered", "on", "one", "ongoing",
	"online", "only", "op", "open", "operation", "operations", "option", "options", "or",
	"order", "organization", "original", "os", "oserror", "other", "our", "out", "outbound",
	"over", "overlaps", "overwrite", "own", "owned", "owner", "package", "packages", "page",
	"pair", "parameter", "parameters", "parent", "parse", "part", "password", "path", "pattern",
	"peer", "peering", "pending", "perform", "performing", "period", "permission",
	"permissions", "permitted", "pfx", "plan", "platform", "please", "point", "policies",
	"policy", "polling", "pool", "pools", "port", "portal", "ports", "position", "possible",
	"post", "power", "precondition", "preempted", "prefix", "premium", "preparing", "presence",
	"present", "presented", "previous", "price", "primary", "principal", "private", "procedure",
	"proceed", "process", "processing", "production", "profile", "progress", "project",
	"projects", "prompt", "properly", "property", "protected", "protocol", "provide",
	"provided", "provider", "providing", "provisioned", "provisioning", "proxy", "public",
	"publisher", "pull", "purchase", "purge", "push", "put", "qualified", "quantity", "query",
	"quick", "quota", "range", "rate", "raw", "re", "reached", "read", "reading", "ready",
	"reason", "reasons", "receive", "received", "recent", "recently", "recognized", "record",
	"records", "recover", "redeployment", "redis", "refer", "reference", "referenced",
	"refresh", "refreshing", "refused", "region", "regional", "regions", "register",
	"registered", "registry", "rejected", "related", "releases", "remote", "remove", "renewed",
	"replace", "replication", "reported", "repository", "representation", "request",
	"requested", "requests", "required", "requires", "reservation", "reserved", "reset",
	"resize", "resolution", "resolve", "resource", "resources", "responding", "response",
	"restore", "restricted", "restrictions", "restrictive", "results", "retried", "retries",
	"retrieve", "retrieved", "retrieving", "retry", "retryable", "returned", "revoked", "right",
	"role", "root", "route", "rule", "rules", "run", "running", "runtime", "same", "satisfies",
	"save", "saved", "saving", "scale", "scan", "scenario", "schedule", "scope", "search",
	"second", "secondary", "seconds", "secret", "secrets", "section", "secure", "security",
	"see", "segment", "segments", "select", "selected", "self", "sent", "server", "servers",
	"service", "set", "setup", "share", "shared", "short", "should", "shouldn", "sign",
	"signature", "signed", "signing", "signs", "silent", "simple", "since", "single", "site",
	"size", "sizes", "skew", "sku", "skus", "slow", "smaller", "snapshot", "snapshots", "so",
	"solution", "some", "something", "sometime", "source", "sources", "south", "space",
	"specified", "specify", "specifying", "spelling", "spot", "sql", "ssh", "ssl", "sslerror",
	"stack", "stage", "stale", "standard", "start", "state", "static", "status", "step",
	"steps", "still", "stop", "stopped", "storage", "store", "string", "strong", "structure",
	"sts", "subject", "submit", "subnet", "subnets", "subscription", "subscriptions", "succeed",
	"succeeded", "success", "successfully", "such", "sufficient", "supplied", "support",
	"supported", "sure", "suspicious", "switch", "synapse", "system", "table", "taken", "takes",
	"taking", "target", "task", "tasks", "tcp", "template", "temporarily", "temporary",
	"tenant", "term", "terminal", "terminated", "terraform", "text", "than", "that", "the",
	"then", "there", "therefore", "they", "thing", "this", "throttled", "throttling", "through",
	"thumbprint", "tier", "time", "timed", "timeout", "times", "timestamp", "title", "tls",
	"to", "token", "tokens", "too", "tool", "total", "trace", "traceback", "tracking",
	"trademarked", "traffic", "transient", "tried", "troubleshooting", "try", "tty", "tunnel",
	"type", "typically", "typing", "udp", "ultra", "unable", "unavailable", "under",
	"unexpected", "unique", "unknown", "unreachable", "unrecognized", "unregistering",
	"unsupported", "until", "up", "update", "updated", "updating", "upload", "upstream", "uri",
	"url", "usage", "use", "used", "user", "username", "users", "using", "utc", "valid",
	"validating", "validation", "value", "variable", "variables", "various", "vault", "vaults",
	"ve", "verification", "verify", "version", "versions", "vhd", "via", "view", "violation",
	"virtual", "visit", "vm", "vms", "vnet", "volume", "vpc", "wait", "waiting", "want", "was",
	"wasn", "wcf", "we", "web", "weeks", "weren", "west", "when", "where", "which", "while",
	"who", "will", "window", "windows", "with", "within", "without", "won", "word", "workflow",
	"working", "workload", "workspace", "would", "wouldn", "write", "wrong", "yet", "you",
	"your", "zero", "zone", "zones" };

struct wanted {
	const char *word;
	size_t len;
};

static int
compare(const void *key, const void *element)
{
	const struct wanted *wanted = key;
	const char *const *word = element;
	int order = strncasecmp(wanted->word, *word, wanted->len);

	return order != 0 ? order : -((*word)[wanted->len] != '\0');
}

bool
word_is_ordinary(const char *word, size_t len)
{
	const struct wanted wanted = { word, len };

	return len == 1 ||
	    bsearch(&wanted, words, COUNT_OF(words), sizeof(words[0]), compare) != NULL;
}
