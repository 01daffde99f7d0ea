/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads: the kernel headers that the kernel crate has no bindings
 * of, and the helpers of helpers.c. Kbuild lists which items become bindings.
 */

#ifndef HEDDLE_BINDINGS_H
#define HEDDLE_BINDINGS_H

#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file_net.h>
#include <linux/sysctl.h>
#include <linux/tcp.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/mptcp.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock_reuseport.h>
#include <net/tcp.h>
#include <uapi/linux/heddle.h>

/* Private to net/mptcp; found through -I$(srctree)/net/mptcp. */
#include "protocol.h"

struct mptcp_subflow_context *
rust_helper_mptcp_next_subflow(const struct mptcp_sock *msk,
			       const struct mptcp_subflow_context *subflow);
void *rust_helper_mptcp_sched_data(const struct mptcp_sock *msk);
void rust_helper_mptcp_set_sched_data(struct mptcp_sock *msk, void *data);
u64 rust_helper_mptcp_send_window(const struct mptcp_sock *msk);
u64 rust_helper_mptcp_snd_nxt(const struct mptcp_sock *msk);
void rust_helper_mptcp_set_snd_burst(struct mptcp_sock *msk, int burst);

/* rust/mptcp/seen.rs */
struct heddle_seen_subflow {
	struct mptcp_subflow_context *subflow;
	u64 pacing_rate;
	u32 id, srtt_x8_us, rttvar_x4_us, min_rtt_us, last_rtt_us;
	u32 rate_packets, rate_interval_us;
	u32 cwnd, in_flight, unsent, mss, quiet_ms;
	u8 stale_count;
	bool active, stale, backup, in_loss, repairs, lost, untried, slow_start, memory_free, idle;
};

struct heddle_seen {
	u64 una, next, send_window, unsent;
	u32 number;		/* of the subflows */
	bool more, recovery;
	struct heddle_seen_subflow subflows[16];
};

void rust_helper_mptcp_see(struct mptcp_sock *msk, struct heddle_seen *to);

const struct sock *
rust_helper_mptcp_subflow_tcp_sock(const struct mptcp_subflow_context *subflow);
bool rust_helper_mptcp_subflow_backup(const struct mptcp_subflow_context *subflow);
u8 rust_helper_mptcp_subflow_stale_count(const struct mptcp_subflow_context *subflow);

u8 rust_helper_tcp_ca_state(const struct sock *ssk);
u32 rust_helper_tcp_srtt_us(const struct sock *ssk);
u32 rust_helper_tcp_snd_cwnd(const struct sock *ssk);
u32 rust_helper_tcp_packets_in_flight(const struct sock *ssk);
u32 rust_helper_tcp_unsent(const struct sock *ssk);
u32 rust_helper_tcp_mss_cache(const struct sock *ssk);

/* rust/net/namespace.rs */
struct heddle_slot {
	void *seen;	/* NULL while the namespace is being made or taken down */
	void *owned;
};

struct heddle_slot *rust_helper_net_slot(const struct net *net, unsigned int id);
void *rust_helper_slot_seen(const struct heddle_slot *slot);
void rust_helper_slot_set_seen(struct heddle_slot *slot, void *seen);
struct net *rust_helper_sock_net(const struct sock *sk);

/* rust/net/sysctl.rs, rust/net/proc.rs */
int rust_helper_proc_dostring(const struct ctl_table *table, int write, char *text,
			      int size, void *buffer, size_t *lenp, loff_t *ppos);
bool rust_helper_proc_net_create(struct net *net, const char *name,
				 int (*show)(struct seq_file *seq, void *v));
void rust_helper_proc_net_remove(struct net *net, const char *name);
struct net *rust_helper_seq_net(struct seq_file *seq);

/* rust/net/reuseport.rs */
struct heddle_listener {
	u64 cgroup;		/* 0 is unknown */
	u32 queued, handshakes, limit, mark;
	u32 receive_buffer;	/* in bytes, whoever chose it */
	u32 cpu, node;		/* if has_cpu */
	bool has_cpu;
};

struct heddle_listener_settings {
	u64 ulp, congestion_control;
	u32 receive_buffer;	/* 0 if the kernel chooses it */
	u32 priority, mark, interface;
	u8 save_syn, defer_accept, tos;
	bool fast_open, mptcp, md5, ao, transparent;
};

u16 rust_helper_reuseport_number(const struct sock_reuseport *reuse);
struct sock *rust_helper_reuseport_member(const struct sock_reuseport *reuse, u16 index);
u16 rust_helper_reuseport_newest(const struct sock_reuseport *reuse);
u32 rust_helper_reuseport_joins(const struct sock_reuseport *reuse);
u32 rust_helper_reuseport_joined(const struct sock_reuseport *reuse, u16 index);
bool rust_helper_sock_is_tcp(const struct sock *sk);
bool rust_helper_sock_is_mptcp(const struct sock *sk);
bool rust_helper_sock_is_request(const struct sock *sk);
u32 rust_helper_sock_hash(const struct sock *sk);
u64 rust_helper_sock_cookie(struct sock *sk);
void rust_helper_listener(struct sock *sk, struct heddle_listener *to);
void rust_helper_listener_settings(const struct sock *sk, struct heddle_listener_settings *to);
void rust_helper_warn_of_heir(const struct sock *sk, const char *setting);
bool rust_helper_can_migrate(const struct sock *sk);
u32 rust_helper_migrating_cpu(const struct sock *sk);
u32 rust_helper_cpu_node(u32 cpu);
u64 rust_helper_random(void);
bool rust_helper_sock_is_parked(const struct sock *sk);

/* rust/net/park.rs */
struct sock *rust_helper_parked_listener(const struct socket *sock);
void rust_helper_parked_limit(const struct socket *sock, u32 connections);
bool rust_helper_reuseport_has_owner(const struct sock *sk);
bool rust_helper_reuseport_has_program(const struct sock *sk);

/* rust/work.rs */
void rust_helper_work_init(struct delayed_work *work, work_func_t func);
void rust_helper_work_within(struct delayed_work *work, unsigned int ms);
void rust_helper_work_disable(struct delayed_work *work);

/* rust/net/genl.rs */
#include "net/generated.h"

struct net *rust_helper_genl_info_net(const struct genl_info *info);
const struct nlattr *rust_helper_genl_info_attr(const struct genl_info *info, u16 type);
const struct nlattr *rust_helper_genl_next_attr(const struct genl_info *info, u16 type,
						const struct nlattr *last);
const struct nlattr *rust_helper_nla_next_nested(const struct nlattr *nest, u16 type,
						 const struct nlattr *last);
int rust_helper_nla_parse_nested(const struct nlattr **tb, u16 max, const struct nlattr *nest,
				 const struct nla_policy *policy, const struct genl_info *info);
const void *rust_helper_nla_data(const struct nlattr *attr);
u16 rust_helper_nla_len(const struct nlattr *attr);
void rust_helper_extack_refuse(const struct genl_info *info, const struct nlattr *attr,
			       const char *message);
void rust_helper_extack_missing(const struct genl_info *info, const struct nlattr *nest,
				u16 type);
u32 rust_helper_genl_make_uid(const struct sk_buff *asked, u32 uid);
u32 rust_helper_genl_show_uid(const struct sk_buff *asked, u32 uid);
const struct sk_buff *rust_helper_genl_asked(const struct netlink_callback *cb);

struct sk_buff *rust_helper_genl_new(size_t size, bool atomic);
void *rust_helper_genl_put_reply(struct sk_buff *skb, const struct genl_info *info, u8 cmd);
void *rust_helper_genl_put_event(struct sk_buff *skb, u8 cmd);
void *rust_helper_genl_put_entry(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);
void rust_helper_genl_end(struct sk_buff *skb, void *header);
void rust_helper_genl_cancel(struct sk_buff *skb, void *header);
int rust_helper_genl_reply(struct sk_buff *skb, const struct genl_info *info);
int rust_helper_genl_multicast(struct net *net, struct sk_buff *skb, bool atomic);
bool rust_helper_genl_has_listeners(struct net *net);
void rust_helper_nlmsg_free(struct sk_buff *skb);
int rust_helper_nla_put_uint(struct sk_buff *skb, u16 type, u64 value);
struct nlattr *rust_helper_nla_nest_start(struct sk_buff *skb, u16 type);
void rust_helper_nla_nest_end(struct sk_buff *skb, struct nlattr *nest);
void rust_helper_nla_nest_cancel(struct sk_buff *skb, struct nlattr *nest);
struct net *rust_helper_dump_net(const struct netlink_callback *cb);
long *rust_helper_dump_position(struct netlink_callback *cb);
void rust_helper_dump_set_seq(struct netlink_callback *cb, u32 seq);
u32 rust_helper_dump_seq(const struct netlink_callback *cb);

/* rust/percpu.rs */
u64 __percpu *rust_helper_percpu_u64_alloc(size_t number);
void rust_helper_percpu_u64_free(u64 __percpu *counters);
void rust_helper_percpu_u64_add(u64 __percpu *counters, size_t index, u64 value);
u64 rust_helper_percpu_u64_sum(u64 __percpu *counters, size_t index);

/* rust/mptcp/socket.rs, rust/mptcp/info.rs */
void rust_helper_sock_put(struct sock *sk);
void rust_helper_lock_sock(struct sock *sk);
void rust_helper_release_sock(struct sock *sk);

struct heddle_endpoints {
	u8 local[16], remote[16];	/* 4 bytes of each if length is 4 */
	u8 length;
	u16 local_port, remote_port;	/* host byte order */
};

void rust_helper_sock_endpoints(const struct sock *sk, struct heddle_endpoints *to);
u8 rust_helper_sock_state(const struct sock *sk);
u32 rust_helper_sock_uid(const struct sock *sk);
u32 rust_helper_sock_mark(const struct sock *sk);
u64 rust_helper_sock_inode(struct sock *sk);
u32 rust_helper_sock_ifindex(const struct sock *sk);
size_t rust_helper_sock_cgroups(struct sock *sk, u64 *ids, size_t max);

struct heddle_mptcp_info {
	u64 unsent, bytes_sent, bytes_received, bytes_acked, bytes_retrans;
};

u32 rust_helper_mptcp_token(const struct sock *sk);
bool rust_helper_mptcp_is_fallback(const struct mptcp_sock *msk);
const struct mptcp_sched_ops *rust_helper_mptcp_sched(const struct mptcp_sock *msk);
const char *rust_helper_mptcp_sched_name(const struct mptcp_sock *msk);
void rust_helper_mptcp_info(struct mptcp_sock *msk, struct heddle_mptcp_info *to);
int rust_helper_mptcp_default_send(struct mptcp_sock *msk);
int rust_helper_mptcp_default_retrans(struct mptcp_sock *msk);

const struct mptcp_subflow_context *rust_helper_mptcp_subflow_of(const struct sock *ssk);
u32 rust_helper_mptcp_subflow_id(const struct mptcp_subflow_context *subflow);
bool rust_helper_mptcp_subflow_stale(const struct mptcp_subflow_context *subflow);

struct heddle_interface {
	u8 name[IFNAMSIZ];		/* padded with NULs */
};

bool rust_helper_interface_name(struct net *net, int index, struct heddle_interface *to);
int rust_helper_sock_route(const struct sock *sk);
bool rust_helper_sock_interface(const struct sock *sk, struct heddle_interface *to);

struct heddle_tcp_info {
	u64 pacing_rate;		/* ~0 is no limit */
	u64 bytes_sent, bytes_received, bytes_acked, bytes_retrans;
	u32 rttvar_us, min_rtt_us, retrans;
};

void rust_helper_tcp_info(const struct sock *ssk, struct heddle_tcp_info *to);

/* rust/mptcp/pm.rs */
struct heddle_pm_address {
	u8 address[16];		/* 4 bytes of it if length is 4, none if it is 0 */
	u8 length, id;
	u16 port;		/* host byte order */
};

struct heddle_pm_endpoint {
	struct heddle_pm_address address;
	u32 flags;
	int bound, interface;
	bool up;
};

struct heddle_pm_subflow {
	struct heddle_pm_address local, remote, gateway;
	u64 bytes_sent, bytes_received;
	u32 id, srtt_us, sent, lost, heard_ms;
	int interface, route;
	bool up, connecting, opened, backup;
};

struct heddle_pm_way {
	struct heddle_pm_address local;
	struct heddle_pm_address gateway;	/* of no length if there is none */
	int interface;
};

struct heddle_pm_seen {
	struct heddle_pm_endpoint local, endpoints[32];
	struct heddle_pm_address remote;
	struct heddle_pm_subflow subflows[66];
	u64 bytes;
	u32 endpoints_number, subflows_number;
	u32 extra_subflows, limit_subflows, limit_accepted;
	bool usable, server, deny_join_id0, v4, v6;
	u64 scratch[32 * 5];	/* of struct mptcp_pm_local */
};

bool rust_helper_pm_is_of(const struct mptcp_sock *msk, const struct mptcp_pm_ops *ops);
void *rust_helper_pm_data(const struct mptcp_sock *msk);
void rust_helper_pm_set_data(struct mptcp_sock *msk, void *data);
void rust_helper_pm_lock(struct mptcp_sock *msk);
void rust_helper_pm_unlock(struct mptcp_sock *msk);
void rust_helper_pm_hold(struct mptcp_sock *msk, bool hold);
void rust_helper_pm_kernel_established(struct mptcp_sock *msk);
void rust_helper_pm_kernel_subflow_established(struct mptcp_sock *msk);
void rust_helper_pm_kernel_subflow_closed(struct mptcp_sock *msk,
					  const struct mptcp_subflow_context *subflow);
void rust_helper_pm_kernel_add_addr_received(struct mptcp_sock *msk,
					     const struct mptcp_addr_info *addr);
void rust_helper_pm_kernel_addr_removed(struct mptcp_sock *msk, u8 id);
void rust_helper_pm_kernel_worker(struct mptcp_sock *msk);
void rust_helper_pm_address(const struct mptcp_addr_info *from, struct heddle_pm_address *to);
u8 rust_helper_pm_removed(const struct mptcp_rm_list *list, u8 index, u8 *id);
void rust_helper_pm_see(struct mptcp_sock *msk, struct heddle_pm_seen *to);
bool rust_helper_pm_way(const struct mptcp_sock *msk, const struct heddle_pm_address *from,
			int bound, const struct heddle_pm_address *to, struct heddle_pm_way *way);
int rust_helper_pm_connect(struct mptcp_sock *msk, const struct heddle_pm_address *from,
			   u32 flags, int bound, const struct heddle_pm_address *to);
bool rust_helper_pm_close(struct mptcp_sock *msk, u32 id);
void rust_helper_pm_withdraw(struct mptcp_sock *msk, u8 id);
bool rust_helper_pm_set_backup(struct mptcp_sock *msk, u32 id, bool backup);
void rust_helper_pm_wake_after(struct mptcp_sock *msk, u32 ms);
u32 rust_helper_pm_schedule_all(const struct net *net, const struct mptcp_pm_ops *ops);

/* rust/net/links.rs */
int rust_helper_links_follow(void (*changed)(struct net *net));
void rust_helper_links_forget(void);
void rust_helper_visit_nets(void *data, void (*see)(struct net *net, void *data));

/* rust/trace.rs */
#ifdef CONFIG_TRACEPOINTS
extern struct tracepoint __tracepoint_heddle_sched_decision;
#endif

void rust_helper_trace_sched_decision(u32 token, const char *scheduler, const char *what,
				      const char *wait, u32 subflow, u32 burst);

#endif /* HEDDLE_BINDINGS_H */
