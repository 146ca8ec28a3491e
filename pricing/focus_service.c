#include "config.h"

#include "pricing/focus_service.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* serviceName of the Retail Prices API to ServiceCategory of FOCUS 1.0. */
static const struct {
	const char *service, *category;
} services[] = {
	{ "API Management", "Integration" },
	{ "Application Gateway", "Networking" },
	{ "Azure App Service", "Web" },
	{ "Azure Bastion", "Networking" },
	{ "Azure Container Apps", "Compute" },
	{ "Azure Cosmos DB", "Databases" },
	{ "Azure DNS", "Networking" },
	{ "Azure Data Factory v2", "Analytics" },
	{ "Azure Database for MySQL", "Databases" },
	{ "Azure Database for PostgreSQL", "Databases" },
	{ "Azure Databricks", "Analytics" },
	{ "Azure Firewall", "Networking" },
	{ "Azure Front Door Service", "Networking" },
	{ "Azure Kubernetes Service", "Compute" },
	{ "Azure Machine Learning", "AI and Machine Learning" },
	{ "Azure Monitor", "Management and Governance" },
	{ "Azure Synapse Analytics", "Analytics" },
	{ "Backup", "Storage" },
	{ "Bandwidth", "Networking" },
	{ "Cognitive Services", "AI and Machine Learning" },
	{ "Container Instances", "Compute" },
	{ "Container Registry", "Compute" },
	{ "Content Delivery Network", "Networking" },
	{ "Event Grid", "Integration" },
	{ "Event Hubs", "Analytics" },
	{ "ExpressRoute", "Networking" },
	{ "Functions", "Compute" },
	{ "HDInsight", "Analytics" },
	{ "IoT Hub", "Internet of Things" },
	{ "Key Vault", "Security" },
	{ "Load Balancer", "Networking" },
	{ "Log Analytics", "Management and Governance" },
	{ "Logic Apps", "Integration" },
	{ "NAT Gateway", "Networking" },
	{ "Redis Cache", "Databases" },
	{ "SQL Database", "Databases" },
	{ "SQL Managed Instance", "Databases" },
	{ "Service Bus", "Integration" },
	{ "Storage", "Storage" },
	{ "Stream Analytics", "Analytics" },
	{ "VPN Gateway", "Networking" },
	{ "Virtual Machines", "Compute" },
	{ "Virtual Network", "Networking" },
};

static const char *const amount_words[UNIT_AMOUNTS] = {
	[UNIT_COUNT] = "Units",
	[UNIT_MB] = "MB",
	[UNIT_MIB] = "MiB",
	[UNIT_GB] = "GB",
	[UNIT_GIB] = "GiB",
	[UNIT_TB] = "TB",
	[UNIT_TIB] = "TiB",
	[UNIT_IOPS] = "IOPS",
};

static const char *const time_words[UNIT_TIMES] = {
	[UNIT_ONCE] = "",
	[UNIT_SECOND] = "Second",
	[UNIT_MINUTE] = "Minute",
	[UNIT_HOUR] = "Hour",
	[UNIT_DAY] = "Day",
	[UNIT_MONTH] = "Month",
	[UNIT_YEAR] = "Year",
};

const char *
focus_category(const char *service)
{
	for (size_t i = 0; service != NULL && i < COUNT_OF(services); i++) {
		if (strcasecmp(services[i].service, service) == 0)
			return services[i].category;
	}
	return "Other";
}

/* Hours of a thing are "Hours", hours of a GB "GB-Hours"; what lasts longer is "GB/Month". */
void
focus_unit(struct buf *out, const struct unit *u)
{
	bool is_short = u->time > UNIT_ONCE && u->time <= UNIT_HOUR && u->period == 1;

	if (u->block != 1)
		buf_addf(out, "%" PRId64 " ", u->block);
	if (u->amount != UNIT_COUNT || !is_short)
		buf_adds(out, amount_words[u->amount]);
	if (u->time == UNIT_ONCE)
		return;
	if (is_short)
		buf_addf(out, "%s%ss", u->amount != UNIT_COUNT ? "-" : "", time_words[u->time]);
	else if (u->period == 1)
		buf_addf(out, "/%s", time_words[u->time]);
	else
		buf_addf(out, "/%" PRId64 " %ss", u->period, time_words[u->time]);
}
