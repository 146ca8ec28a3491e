#include "config.h"

#include "core/mcp_server.h"

#include <stdlib.h>
#include <string.h>

const struct mcp_server *
mcp_servers_find(const struct mcp_servers *list, const char *name)
{
	for (size_t i = 0; i < list->len; i++)
		if (list->v[i].name != NULL && strcmp(list->v[i].name, name) == 0)
			return &list->v[i];
	return NULL;
}

void
mcp_servers_clear(struct mcp_servers *list)
{
	for (size_t i = 0; i < list->len; i++) {
		struct mcp_server *s = &list->v[i];

		free(s->name);
		free(s->command);
		free(s->url);
		strv_clear(&s->args);
		cJSON_Delete(s->env);
		cJSON_Delete(s->headers);
	}
	free(list->v);
	*list = (struct mcp_servers){ 0 };
}
