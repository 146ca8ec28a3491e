/*
 * TOML by toml++, turned into a cJSON tree. No exception leaves this file.
 * What JSON cannot hold (NULs in strings, numbers that are not finite, whole
 * numbers that a double would change) is an error with its place.
 */
#include "config.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

/* The headers are C's own; the standard headers above keep theirs out of this block. */
extern "C" {
#include "base/toml.h"
}

namespace
{

constexpr int64_t exact_limit = INT64_C(1) << 53;
/* toml++ destroys a chain of dotted keys recursively; a long one would exhaust the stack. */
constexpr unsigned max_dots = JSON_MAX_DEPTH;
constexpr const char *too_many_parts = "a key of so many parts nests too deep";

struct tree_delete {
	void
	operator()(cJSON *item) const
	{
		cJSON_Delete(item);
	}
};

using tree = std::unique_ptr<cJSON, tree_delete>;

/* What the document says is valid TOML, but nothing that we can use. */
struct refused {
	toml::source_position at;
	std::string text;
};

struct converter {
	std::vector<toml_place> places;

	tree convert(const toml::node &node, toml::source_position at, unsigned depth);
	tree convert_table(const toml::table &table, unsigned depth);
	tree convert_array(const toml::array &array, unsigned depth);
};

/* cJSON answers NULL only when memory is out. */
cJSON *
checked(cJSON *item)
{
	if (item == nullptr)
		throw std::bad_alloc();
	return item;
}

void
refuse_nul(const std::string &text, toml::source_position at)
{
	if (text.find('\0') != std::string::npos)
		throw refused{ at, "\\u0000 is not allowed" };
}

tree
convert_string(const std::string &text, toml::source_position at)
{
	refuse_nul(text, at);
	return tree(checked(cJSON_CreateString(text.c_str())));
}

tree
convert_integer(int64_t value, toml::source_position at)
{
	if (value >= exact_limit || value <= -exact_limit)
		throw refused{ at, "this number is too large (whole numbers end below 2^53)" };
	return tree(checked(cJSON_CreateNumber(static_cast<double>(value))));
}

tree
convert_float(double value, toml::source_position at)
{
	if (!std::isfinite(value))
		throw refused{ at, "this number must be finite" };
	return tree(checked(cJSON_CreateNumber(value)));
}

template <typename T>
tree
convert_time(const T &value)
{
	std::ostringstream text;

	text << value;
	return tree(checked(cJSON_CreateString(text.str().c_str())));
}

tree
converter::convert(const toml::node &node, toml::source_position at, unsigned depth)
{
	tree item;

	if (depth > JSON_MAX_DEPTH)
		throw refused{ at, "nested more than " + std::to_string(JSON_MAX_DEPTH) + " deep" };
	if (const auto *table = node.as_table())
		item = convert_table(*table, depth);
	else if (const auto *array = node.as_array())
		item = convert_array(*array, depth);
	else if (const auto *string = node.as_string())
		item = convert_string(string->get(), at);
	else if (const auto *integer = node.as_integer())
		item = convert_integer(integer->get(), at);
	else if (const auto *number = node.as_floating_point())
		item = convert_float(number->get(), at);
	else if (const auto *boolean = node.as_boolean())
		item = tree(checked(cJSON_CreateBool(boolean->get())));
	else if (const auto *date = node.as_date())
		item = convert_time(date->get());
	else if (const auto *time = node.as_time())
		item = convert_time(time->get());
	else if (const auto *date_time = node.as_date_time())
		item = convert_time(date_time->get());
	else
		throw refused{ at, "a value of an unknown type" };
	if (at)
		places.push_back({ item.get(), at.line, at.column });
	return item;
}

bool
stands_before(const toml::source_position &a, const toml::source_position &b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* toml++ sorts the keys by name; people expect them in the order they wrote. */
tree
converter::convert_table(const toml::table &table, unsigned depth)
{
	std::vector<std::pair<const toml::key *, const toml::node *>> members;
	tree object(checked(cJSON_CreateObject()));

	for (const auto &[key, value] : table)
		members.emplace_back(&key, &value);
	std::stable_sort(members.begin(), members.end(), [](const auto &a, const auto &b) {
		return stands_before(a.first->source().begin, b.first->source().begin);
	});
	for (const auto &[key, value] : members) {
		const toml::source_position at = key->source().begin;
		const std::string name(key->str());

		refuse_nul(name, at);
		tree item = convert(*value, at, depth + 1);
		if (!cJSON_AddItemToObject(object.get(), name.c_str(), item.get()))
			throw std::bad_alloc();
		item.release();
	}
	return object;
}

tree
converter::convert_array(const toml::array &array, unsigned depth)
{
	tree list(checked(cJSON_CreateArray()));

	for (const auto &value : array) {
		tree item = convert(value, value.source().begin, depth + 1);

		if (!cJSON_AddItemToArray(list.get(), item.get()))
			throw std::bad_alloc();
		item.release();
	}
	return list;
}

/*
 * Moves past a string of any of the four kinds, whose opening quote is at i.
 * One that never ends is left to the parser to complain about.
 */
size_t
skip_string(std::string_view text, size_t i)
{
	const char quote = text[i];
	const bool multi = text.substr(i, 3) == std::string(3, quote);
	const std::string_view end = text.substr(i, multi ? 3 : 1);

	for (i += end.size(); i < text.size(); i++) {
		if (quote == '"' && text[i] == '\\')
			i++;
		else if (text.substr(i, end.size()) == end)
			return i + end.size();
		else if (!multi && text[i] == '\n')
			return i;
	}
	return text.size();
}

/* Refuses a key of very many parts before toml++ builds a table for each. */
void
refuse_long_keys(std::string_view text)
{
	unsigned dots = 0;
	toml::source_position at{ 1, 1 };

	for (size_t i = 0; i < text.size();) {
		const char c = text[i];

		if (c == '"' || c == '\'') {
			const size_t end = skip_string(text, i);

			at.line += static_cast<toml::source_index>(
			    std::count(text.begin() + static_cast<ptrdiff_t>(i),
				       text.begin() + static_cast<ptrdiff_t>(end), '\n'));
			i = end;
			continue;
		}
		if (c == '#') {
			i = std::min(text.find('\n', i), text.size());
			continue;
		}
		if (c == '.')
			dots++;
		else if (std::strchr("=[]{},\n", c) != nullptr)
			dots = 0;
		if (c == '\n')
			at.line++;
		if (dots > max_dots)
			throw refused{ at, too_many_parts };
		i++;
	}
}

/* To C: a block that free() frees, sorted for the search. */
void
hand_over(std::vector<toml_place> &places, toml_places *out)
{
	std::sort(places.begin(), places.end(), [](const toml_place &a, const toml_place &b) {
		return std::less<const cJSON *>()(a.value, b.value);
	});
	out->len = places.size();
	out->v = static_cast<toml_place *>(xcalloc(places.size(), sizeof(*out->v)));
	std::copy(places.begin(), places.end(), out->v);
}

cJSON *
parse(std::string_view text, toml_places *places)
{
	refuse_long_keys(text);
	const toml::table document = toml::parse(text);
	converter c;
	/* The root itself has no place: an error about it is one about the file. */
	tree root = c.convert_table(document, 0);

	if (places != nullptr)
		hand_over(c.places, places);
	return root.release();
}

int
error_at(err *e, const toml::source_position &at, const std::string &text)
{
	return err_set(e, ERR_INPUT, "line %u, column %u: %s", static_cast<unsigned>(at.line),
		       static_cast<unsigned>(at.column), text.c_str());
}

} // namespace

extern "C" void
toml_places_clear(struct toml_places *places)
{
	if (places == nullptr)
		return;
	free(places->v);
	*places = {};
}

extern "C" cJSON *
toml_parse(const char *text, size_t len, struct toml_places *places, struct err *e)
{
	if (places != nullptr)
		*places = {};
	try {
		return parse(std::string_view(text, len), places);
	} catch (const toml::parse_error &wrong) {
		error_at(e, wrong.source().begin, std::string(wrong.description()));
	} catch (const refused &wrong) {
		error_at(e, wrong.at, wrong.text);
	} catch (const std::bad_alloc &) {
		/* As xcalloc() does. */
		abort();
	} catch (const std::exception &wrong) {
		err_set(e, ERR_INPUT, "this TOML cannot be read: %s", wrong.what());
	} catch (...) {
		err_set(e, ERR_INPUT, "this TOML cannot be read");
	}
	return nullptr;
}
