// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/heddle.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "generated.h"

#include <uapi/linux/heddle.h>

/* Integer value ranges */
static const struct netlink_range_validation heddle_a_rule_priority_range = {
	.max	= 2147483647ULL,
};

static const struct netlink_range_validation heddle_a_path_priority_range = {
	.max	= 2147483647ULL,
};

static const struct netlink_range_validation heddle_a_migration_priority_range = {
	.max	= 2147483647ULL,
};

static const struct netlink_range_validation heddle_a_config_cap_period_left_range = {
	.max	= 31622400ULL,
};

/* Common nested types */
const struct nla_policy heddle_config_knob_nl_policy[HEDDLE_A_KNOB_VALUE + 1] = {
	[HEDDLE_A_KNOB_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[HEDDLE_A_KNOB_VALUE] = { .type = NLA_NUL_STRING, .len = HEDDLE_VALUE_MAX, },
};

const struct nla_policy heddle_config_migration_nl_policy[HEDDLE_A_MIGRATION_POLICY + 1] = {
	[HEDDLE_A_MIGRATION_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_migration_priority_range),
	[HEDDLE_A_MIGRATION_COOKIE] = { .type = NLA_U64, },
	[HEDDLE_A_MIGRATION_LOCAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_MIGRATION_LOCAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_MIGRATION_LOCAL_PORT_MIN] = { .type = NLA_U16, },
	[HEDDLE_A_MIGRATION_LOCAL_PORT_MAX] = { .type = NLA_U16, },
	[HEDDLE_A_MIGRATION_POLICY] = { .type = NLA_NUL_STRING, .len = HEDDLE_VALUE_MAX, },
};

const struct nla_policy heddle_config_path_nl_policy[HEDDLE_A_PATH_SETTING + 1] = {
	[HEDDLE_A_PATH_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_path_priority_range),
	[HEDDLE_A_PATH_INTERFACE] = { .type = NLA_NUL_STRING, .len = 15, },
	[HEDDLE_A_PATH_LOCAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_PATH_LOCAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_PATH_REMOTE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_PATH_REMOTE_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_PATH_WEIGHT] = NLA_POLICY_MAX(NLA_U32, 1000),
	[HEDDLE_A_PATH_COST] = NLA_POLICY_MAX(NLA_U32, 255),
	[HEDDLE_A_PATH_CAP] = { .type = NLA_UINT, },
	[HEDDLE_A_PATH_USED] = { .type = NLA_UINT, },
	[HEDDLE_A_PATH_SETTING] = NLA_POLICY_NESTED(heddle_config_knob_nl_policy),
};

const struct nla_policy heddle_config_rule_nl_policy[HEDDLE_A_RULE_SETTING + 1] = {
	[HEDDLE_A_RULE_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_rule_priority_range),
	[HEDDLE_A_RULE_LOCAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_RULE_LOCAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_RULE_LOCAL_PORT_MIN] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_LOCAL_PORT_MAX] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_REMOTE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_RULE_REMOTE_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_RULE_REMOTE_PORT_MIN] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_REMOTE_PORT_MAX] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_UID] = { .type = NLA_U32, },
	[HEDDLE_A_RULE_CGROUP] = { .type = NLA_U64, },
	[HEDDLE_A_RULE_MARK] = { .type = NLA_U32, },
	[HEDDLE_A_RULE_MARK_MASK] = { .type = NLA_U32, },
	[HEDDLE_A_RULE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = HEDDLE_NAME_MAX, },
	[HEDDLE_A_RULE_SETTING] = NLA_POLICY_NESTED(heddle_config_knob_nl_policy),
};

/* HEDDLE_CMD_CONNECTION_GET - do */
static const struct nla_policy heddle_connection_get_nl_policy[HEDDLE_A_CONNECTION_TOKEN + 1] = {
	[HEDDLE_A_CONNECTION_TOKEN] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* HEDDLE_CMD_CONNECTION_SET - do */
static const struct nla_policy heddle_connection_set_nl_policy[HEDDLE_A_CONNECTION_SCHEDULER + 1] = {
	[HEDDLE_A_CONNECTION_TOKEN] = NLA_POLICY_MIN(NLA_U32, 1),
	[HEDDLE_A_CONNECTION_SCHEDULER] = { .type = NLA_NUL_STRING, .len = HEDDLE_NAME_MAX, },
};

/* HEDDLE_CMD_KNOB_GET - do */
static const struct nla_policy heddle_knob_get_nl_policy[HEDDLE_A_KNOB_NAME + 1] = {
	[HEDDLE_A_KNOB_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* HEDDLE_CMD_KNOB_SET - do */
static const struct nla_policy heddle_knob_set_nl_policy[HEDDLE_A_KNOB_VALUE + 1] = {
	[HEDDLE_A_KNOB_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[HEDDLE_A_KNOB_VALUE] = { .type = NLA_NUL_STRING, .len = HEDDLE_VALUE_MAX, },
};

/* HEDDLE_CMD_RULE_ADD - do */
static const struct nla_policy heddle_rule_add_nl_policy[HEDDLE_A_RULE_SETTING + 1] = {
	[HEDDLE_A_RULE_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_rule_priority_range),
	[HEDDLE_A_RULE_LOCAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_RULE_LOCAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_RULE_LOCAL_PORT_MIN] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_LOCAL_PORT_MAX] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_REMOTE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_RULE_REMOTE_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_RULE_REMOTE_PORT_MIN] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_REMOTE_PORT_MAX] = { .type = NLA_U16, },
	[HEDDLE_A_RULE_UID] = { .type = NLA_U32, },
	[HEDDLE_A_RULE_CGROUP] = { .type = NLA_U64, },
	[HEDDLE_A_RULE_MARK] = { .type = NLA_U32, },
	[HEDDLE_A_RULE_MARK_MASK] = { .type = NLA_U32, },
	[HEDDLE_A_RULE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = HEDDLE_NAME_MAX, },
	[HEDDLE_A_RULE_REPLACE] = { .type = NLA_FLAG, },
	[HEDDLE_A_RULE_SETTING] = NLA_POLICY_NESTED(heddle_config_knob_nl_policy),
};

/* HEDDLE_CMD_RULE_DEL - do */
static const struct nla_policy heddle_rule_del_nl_policy[HEDDLE_A_RULE_PRIORITY + 1] = {
	[HEDDLE_A_RULE_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_rule_priority_range),
};

/* HEDDLE_CMD_CONFIG_SET - do */
static const struct nla_policy heddle_config_set_nl_policy[HEDDLE_A_CONFIG_CAP_PERIOD_LEFT + 1] = {
	[HEDDLE_A_CONFIG_GENERATION] = { .type = NLA_U32, },
	[HEDDLE_A_CONFIG_KNOB] = NLA_POLICY_NESTED(heddle_config_knob_nl_policy),
	[HEDDLE_A_CONFIG_RULE] = NLA_POLICY_NESTED(heddle_config_rule_nl_policy),
	[HEDDLE_A_CONFIG_PATH] = NLA_POLICY_NESTED(heddle_config_path_nl_policy),
	[HEDDLE_A_CONFIG_MIGRATION] = NLA_POLICY_NESTED(heddle_config_migration_nl_policy),
	[HEDDLE_A_CONFIG_CAP_PERIOD_LEFT] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_config_cap_period_left_range),
};

/* HEDDLE_CMD_PATH_ADD - do */
static const struct nla_policy heddle_path_add_nl_policy[HEDDLE_A_PATH_SETTING + 1] = {
	[HEDDLE_A_PATH_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_path_priority_range),
	[HEDDLE_A_PATH_INTERFACE] = { .type = NLA_NUL_STRING, .len = 15, },
	[HEDDLE_A_PATH_LOCAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_PATH_LOCAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_PATH_REMOTE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_PATH_REMOTE_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_PATH_WEIGHT] = NLA_POLICY_MAX(NLA_U32, 1000),
	[HEDDLE_A_PATH_COST] = NLA_POLICY_MAX(NLA_U32, 255),
	[HEDDLE_A_PATH_CAP] = { .type = NLA_UINT, },
	[HEDDLE_A_PATH_USED] = { .type = NLA_UINT, },
	[HEDDLE_A_PATH_REPLACE] = { .type = NLA_FLAG, },
	[HEDDLE_A_PATH_SETTING] = NLA_POLICY_NESTED(heddle_config_knob_nl_policy),
};

/* HEDDLE_CMD_PATH_DEL - do */
static const struct nla_policy heddle_path_del_nl_policy[HEDDLE_A_PATH_PRIORITY + 1] = {
	[HEDDLE_A_PATH_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_path_priority_range),
};

/* HEDDLE_CMD_PATH_RESET - do */
static const struct nla_policy heddle_path_reset_nl_policy[HEDDLE_A_PATH_PRIORITY + 1] = {
	[HEDDLE_A_PATH_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_path_priority_range),
};

/* HEDDLE_CMD_MIGRATION_ADD - do */
static const struct nla_policy heddle_migration_add_nl_policy[HEDDLE_A_MIGRATION_REPLACE + 1] = {
	[HEDDLE_A_MIGRATION_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_migration_priority_range),
	[HEDDLE_A_MIGRATION_COOKIE] = { .type = NLA_U64, },
	[HEDDLE_A_MIGRATION_LOCAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[HEDDLE_A_MIGRATION_LOCAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[HEDDLE_A_MIGRATION_LOCAL_PORT_MIN] = { .type = NLA_U16, },
	[HEDDLE_A_MIGRATION_LOCAL_PORT_MAX] = { .type = NLA_U16, },
	[HEDDLE_A_MIGRATION_POLICY] = { .type = NLA_NUL_STRING, .len = HEDDLE_VALUE_MAX, },
	[HEDDLE_A_MIGRATION_REPLACE] = { .type = NLA_FLAG, },
};

/* HEDDLE_CMD_MIGRATION_DEL - do */
static const struct nla_policy heddle_migration_del_nl_policy[HEDDLE_A_MIGRATION_PRIORITY + 1] = {
	[HEDDLE_A_MIGRATION_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &heddle_a_migration_priority_range),
};

/* Ops table for heddle */
static const struct genl_split_ops heddle_nl_ops[] = {
	{
		.cmd	= HEDDLE_CMD_INFO_GET,
		.doit	= heddle_nl_info_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= HEDDLE_CMD_CONNECTION_GET,
		.doit		= heddle_nl_connection_get_doit,
		.policy		= heddle_connection_get_nl_policy,
		.maxattr	= HEDDLE_A_CONNECTION_TOKEN,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_CONNECTION_GET,
		.dumpit	= heddle_nl_connection_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= HEDDLE_CMD_CONNECTION_SET,
		.doit		= heddle_nl_connection_set_doit,
		.policy		= heddle_connection_set_nl_policy,
		.maxattr	= HEDDLE_A_CONNECTION_SCHEDULER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_SCHEDULER_GET,
		.dumpit	= heddle_nl_scheduler_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= HEDDLE_CMD_KNOB_GET,
		.doit		= heddle_nl_knob_get_doit,
		.policy		= heddle_knob_get_nl_policy,
		.maxattr	= HEDDLE_A_KNOB_NAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_KNOB_GET,
		.dumpit	= heddle_nl_knob_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= HEDDLE_CMD_KNOB_SET,
		.doit		= heddle_nl_knob_set_doit,
		.policy		= heddle_knob_set_nl_policy,
		.maxattr	= HEDDLE_A_KNOB_VALUE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_RULE_GET,
		.dumpit	= heddle_nl_rule_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= HEDDLE_CMD_RULE_ADD,
		.doit		= heddle_nl_rule_add_doit,
		.policy		= heddle_rule_add_nl_policy,
		.maxattr	= HEDDLE_A_RULE_SETTING,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= HEDDLE_CMD_RULE_DEL,
		.doit		= heddle_nl_rule_del_doit,
		.policy		= heddle_rule_del_nl_policy,
		.maxattr	= HEDDLE_A_RULE_PRIORITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_RULE_FLUSH,
		.doit	= heddle_nl_rule_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_COUNTER_GET,
		.dumpit	= heddle_nl_counter_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= HEDDLE_CMD_COUNTER_RESET,
		.doit	= heddle_nl_counter_reset_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= HEDDLE_CMD_CONFIG_SET,
		.doit		= heddle_nl_config_set_doit,
		.policy		= heddle_config_set_nl_policy,
		.maxattr	= HEDDLE_A_CONFIG_CAP_PERIOD_LEFT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_PATH_GET,
		.dumpit	= heddle_nl_path_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= HEDDLE_CMD_PATH_ADD,
		.doit		= heddle_nl_path_add_doit,
		.policy		= heddle_path_add_nl_policy,
		.maxattr	= HEDDLE_A_PATH_SETTING,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= HEDDLE_CMD_PATH_DEL,
		.doit		= heddle_nl_path_del_doit,
		.policy		= heddle_path_del_nl_policy,
		.maxattr	= HEDDLE_A_PATH_PRIORITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_PATH_FLUSH,
		.doit	= heddle_nl_path_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= HEDDLE_CMD_PATH_RESET,
		.doit		= heddle_nl_path_reset_doit,
		.policy		= heddle_path_reset_nl_policy,
		.maxattr	= HEDDLE_A_PATH_PRIORITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_MIGRATION_GET,
		.dumpit	= heddle_nl_migration_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= HEDDLE_CMD_MIGRATION_ADD,
		.doit		= heddle_nl_migration_add_doit,
		.policy		= heddle_migration_add_nl_policy,
		.maxattr	= HEDDLE_A_MIGRATION_REPLACE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= HEDDLE_CMD_MIGRATION_DEL,
		.doit		= heddle_nl_migration_del_doit,
		.policy		= heddle_migration_del_nl_policy,
		.maxattr	= HEDDLE_A_MIGRATION_PRIORITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= HEDDLE_CMD_MIGRATION_FLUSH,
		.doit	= heddle_nl_migration_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group heddle_nl_mcgrps[] = {
	[HEDDLE_NLGRP_EVENTS] = { "events", },
};

struct genl_family heddle_nl_family __ro_after_init = {
	.name		= HEDDLE_FAMILY_NAME,
	.version	= HEDDLE_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= heddle_nl_ops,
	.n_split_ops	= ARRAY_SIZE(heddle_nl_ops),
	.mcgrps		= heddle_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(heddle_nl_mcgrps),
};
