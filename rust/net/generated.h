/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/heddle.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_HEDDLE_GEN_H
#define _LINUX_HEDDLE_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/heddle.h>

/* Common nested types */
extern const struct nla_policy heddle_config_knob_nl_policy[HEDDLE_A_KNOB_VALUE + 1];
extern const struct nla_policy heddle_config_migration_nl_policy[HEDDLE_A_MIGRATION_POLICY + 1];
extern const struct nla_policy heddle_config_path_nl_policy[HEDDLE_A_PATH_SETTING + 1];
extern const struct nla_policy heddle_config_rule_nl_policy[HEDDLE_A_RULE_SETTING + 1];

int heddle_nl_info_get_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_connection_get_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_connection_get_dumpit(struct sk_buff *skb,
				    struct netlink_callback *cb);
int heddle_nl_connection_set_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_scheduler_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int heddle_nl_knob_get_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_knob_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int heddle_nl_knob_set_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int heddle_nl_rule_add_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_rule_flush_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_counter_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int heddle_nl_counter_reset_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_path_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int heddle_nl_path_add_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_path_flush_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_path_reset_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_migration_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int heddle_nl_migration_add_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_migration_del_doit(struct sk_buff *skb, struct genl_info *info);
int heddle_nl_migration_flush_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	HEDDLE_NLGRP_EVENTS,
};

extern struct genl_family heddle_nl_family;

#endif /* _LINUX_HEDDLE_GEN_H */
