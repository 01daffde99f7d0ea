// SPDX-License-Identifier: GPL-2.0
/*
 * What Rust cannot call or read by itself: inline functions, macros, bitfields
 * and fields of structures that are opaque to it.
 *
 * A scheduler holds the lock of the connection, not those of its subflows:
 * fields of the latter are read with READ_ONCE(), as net/mptcp does.
 */

#include "bindings.h"

/* NULL asks for the first subflow; NULL is returned after the last one. */
struct mptcp_subflow_context *
rust_helper_mptcp_next_subflow(const struct mptcp_sock *msk,
			       const struct mptcp_subflow_context *subflow)
{
	const struct list_head *next = subflow ? subflow->node.next : msk->conn_list.next;

	return next == &msk->conn_list ?
	       NULL : list_entry(next, struct mptcp_subflow_context, node);
}

void *rust_helper_mptcp_sched_data(const struct mptcp_sock *msk)
{
	return msk->sched_data;
}

void rust_helper_mptcp_set_sched_data(struct mptcp_sock *msk, void *data)
{
	msk->sched_data = data;
}

/*
 * Bytes from what was sent to the end of the peer's window. While lost data is
 * sent again after the loss of a subflow, snd_nxt stays ahead of it.
 */
u64 rust_helper_mptcp_send_window(const struct mptcp_sock *msk)
{
	u64 end = READ_ONCE(msk->wnd_end), next = READ_ONCE(msk->snd_nxt);

	return after64(end, next) ? end - next : 0;
}

u64 rust_helper_mptcp_snd_nxt(const struct mptcp_sock *msk)
{
	return READ_ONCE(msk->snd_nxt);
}

/* The next decision is asked for when so much is sent, be it within a fragment. */
void rust_helper_mptcp_set_snd_burst(struct mptcp_sock *msk, int burst)
{
	msk->snd_burst = burst;
	msk->snd_burst_exact = true;
}

const struct sock *
rust_helper_mptcp_subflow_tcp_sock(const struct mptcp_subflow_context *subflow)
{
	return mptcp_subflow_tcp_sock(subflow);
}

bool rust_helper_mptcp_subflow_backup(const struct mptcp_subflow_context *subflow)
{
	return subflow->backup || subflow->request_bkup;
}

u8 rust_helper_mptcp_subflow_stale_count(const struct mptcp_subflow_context *subflow)
{
	return subflow->stale_count;
}

u8 rust_helper_tcp_ca_state(const struct sock *ssk)
{
	return inet_csk(ssk)->icsk_ca_state;
}

u32 rust_helper_tcp_srtt_us(const struct sock *ssk)
{
	return READ_ONCE(tcp_sk(ssk)->srtt_us);
}

u32 rust_helper_tcp_snd_cwnd(const struct sock *ssk)
{
	return READ_ONCE(tcp_sk(ssk)->snd_cwnd);
}

/* tcp_packets_in_flight(), for fields that change meanwhile. */
u32 rust_helper_tcp_packets_in_flight(const struct sock *ssk)
{
	const struct tcp_sock *tp = tcp_sk(ssk);
	u32 left = READ_ONCE(tp->sacked_out) + READ_ONCE(tp->lost_out);
	u32 out = READ_ONCE(tp->packets_out);

	return (out > left ? out - left : 0) + READ_ONCE(tp->retrans_out);
}

u32 rust_helper_tcp_unsent(const struct sock *ssk)
{
	u32 next = READ_ONCE(tcp_sk(ssk)->snd_nxt);
	u32 end = READ_ONCE(tcp_sk(ssk)->write_seq);

	return after(end, next) ? end - next : 0;
}

u32 rust_helper_tcp_mss_cache(const struct sock *ssk)
{
	return READ_ONCE(tcp_sk(ssk)->mss_cache);
}

/*
 * Payload of a packet, as tcp_current_mss() has it: without the option that maps
 * it. A burst of the size of more than that would end in a packet with the rest.
 */
static u32 heddle_mss(const struct mptcp_sock *msk, const struct tcp_sock *tp)
{
	u32 mss = READ_ONCE(tp->mss_cache);
	u32 dss = TCPOLEN_MPTCP_DSS_BASE + TCPOLEN_MPTCP_DSS_MAP64;

	if (READ_ONCE(msk->can_ack))
		dss += READ_ONCE(msk->use_64bit_ack) ? TCPOLEN_MPTCP_DSS_ACK64 :
						       TCPOLEN_MPTCP_DSS_ACK32;
	dss = ALIGN(dss, 4);
	return mss > dss ? mss - dss : mss;
}

/*
 * Packets that take room in the congestion window, or will: after a timeout, what
 * was lost and is still to be repeated goes out before anything new.
 */
static u32 heddle_in_flight(const struct sock *ssk, bool repairs)
{
	const struct tcp_sock *tp = tcp_sk(ssk);
	u32 out = READ_ONCE(tp->packets_out), sacked = READ_ONCE(tp->sacked_out);

	if (!repairs)
		return rust_helper_tcp_packets_in_flight(ssk);
	return out > sacked ? out - sacked : 0;
}

/* All that a decision is made from, in one call: this is on the path of every burst. */
void rust_helper_mptcp_see(struct mptcp_sock *msk, struct heddle_seen *to)
{
	struct sock *sk = (struct sock *)msk;
	const struct mptcp_data_frag *head = mptcp_send_head(sk);
	struct mptcp_subflow_context *subflow;

	to->una = READ_ONCE(msk->snd_una);
	to->next = READ_ONCE(msk->snd_nxt);
	to->recovery = msk->recovery;
	to->unsent = head ? msk->write_seq - head->data_seq - head->already_sent : 0;
	to->send_window = rust_helper_mptcp_send_window(msk);
	to->more = sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	to->number = 0;

	mptcp_for_each_subflow(msk, subflow) {
		const struct sock *ssk = mptcp_subflow_tcp_sock(subflow);
		struct heddle_seen_subflow *seen = &to->subflows[to->number];
		const struct tcp_sock *tp = tcp_sk(ssk);

		seen->subflow = subflow;
		seen->id = subflow->subflow_id;
		/* can make a stale one active, so what it tells comes first */
		seen->active = mptcp_subflow_active(subflow);
		seen->stale = subflow->stale;
		seen->backup = rust_helper_mptcp_subflow_backup(subflow);
		seen->stale_count = subflow->stale_count;
		seen->repairs = inet_csk(ssk)->icsk_ca_state == TCP_CA_Loss;
		seen->in_loss = seen->repairs && READ_ONCE(inet_csk(ssk)->icsk_retransmits);
		seen->lost = READ_ONCE(tp->lost_out) || READ_ONCE(tp->retrans_out);
		seen->srtt_x8_us = READ_ONCE(tp->srtt_us);
		seen->rttvar_x4_us = READ_ONCE(tp->rttvar_us);
		seen->mss = heddle_mss(msk, tp);
		seen->min_rtt_us = tcp_min_rtt(tp);
		seen->last_rtt_us = READ_ONCE(tp->rack.rtt_us);
		seen->rate_packets = READ_ONCE(tp->rate_delivered);
		seen->rate_interval_us = READ_ONCE(tp->rate_interval_us);
		seen->untried = READ_ONCE(tp->bytes_acked) < 2 * seen->mss;
		seen->cwnd = READ_ONCE(tp->snd_cwnd);
		seen->slow_start = seen->cwnd < READ_ONCE(tp->snd_ssthresh);
		seen->in_flight = heddle_in_flight(ssk, seen->repairs);
		seen->unsent = rust_helper_tcp_unsent(ssk);
		seen->pacing_rate = READ_ONCE(ssk->sk_pacing_rate);
		seen->memory_free = sk_stream_memory_free(ssk);
		seen->idle = tcp_rtx_and_write_queues_empty(ssk);
		seen->quiet_ms = jiffies_to_msecs(tcp_jiffies32 - READ_ONCE(tp->lsndtime));
		if (++to->number == ARRAY_SIZE(to->subflows))
			return;
	}
}

/* --- network namespaces, rust/net/ --------------------------------------- */

struct heddle_slot *rust_helper_net_slot(const struct net *net, unsigned int id)
{
	return net_generic(net, id);
}

void *rust_helper_slot_seen(const struct heddle_slot *slot)
{
	/* Pairs with the release below. */
	return smp_load_acquire(&slot->seen);
}

void rust_helper_slot_set_seen(struct heddle_slot *slot, void *seen)
{
	/* Who sees it sees what it points at, too. */
	smp_store_release(&slot->seen, seen);
}

struct net *rust_helper_sock_net(const struct sock *sk)
{
	return sock_net(sk);
}

/* Reads or writes a text that is not where the table says. */
int rust_helper_proc_dostring(const struct ctl_table *table, int write, char *text,
			      int size, void *buffer, size_t *lenp, loff_t *ppos)
{
	const struct ctl_table with_text = {
		.procname = table->procname,
		.data = text,
		.maxlen = size,
		.mode = table->mode,
	};

	return proc_dostring(&with_text, write, buffer, lenp, ppos);
}

bool rust_helper_proc_net_create(struct net *net, const char *name,
				 int (*show)(struct seq_file *seq, void *v))
{
	return proc_create_net_single(name, 0444, net->proc_net, show, NULL);
}

void rust_helper_proc_net_remove(struct net *net, const char *name)
{
	remove_proc_entry(name, net->proc_net);
}

struct net *rust_helper_seq_net(struct seq_file *seq)
{
	return seq_file_single_net(seq);
}

/* --- generic netlink, rust/net/genl.rs ----------------------------------- */

struct net *rust_helper_genl_info_net(const struct genl_info *info)
{
	return genl_info_net(info);
}

const struct nlattr *rust_helper_genl_info_attr(const struct genl_info *info, u16 type)
{
	/* Operations that take no attributes have no array. */
	return info->attrs ? info->attrs[type] : NULL;
}

/* The attributes of a type that may be there more than once; NULL starts. */
const struct nlattr *rust_helper_genl_next_attr(const struct genl_info *info, u16 type,
						const struct nlattr *last)
{
	const struct nlattr *attr = last;
	int left = genlmsg_len(info->genlhdr);

	if (last) {
		left -= (const char *)last - (const char *)genlmsg_data(info->genlhdr);
		attr = nla_next(last, &left);
	} else {
		attr = genlmsg_data(info->genlhdr);
	}
	return nla_find(attr, left, type);
}

const struct nlattr *rust_helper_nla_next_nested(const struct nlattr *nest, u16 type,
						 const struct nlattr *last)
{
	const struct nlattr *attr = nla_data(nest);
	int left = nla_len(nest);

	if (last) {
		left -= (const char *)last - (const char *)attr;
		attr = nla_next(last, &left);
	}
	return nla_find(attr, left, type);
}

int rust_helper_nla_parse_nested(const struct nlattr **tb, u16 max, const struct nlattr *nest,
				 const struct nla_policy *policy, const struct genl_info *info)
{
	return nla_parse_nested((struct nlattr **)tb, max, nest, policy, info->extack);
}

const void *rust_helper_nla_data(const struct nlattr *attr)
{
	return nla_data(attr);
}

u16 rust_helper_nla_len(const struct nlattr *attr)
{
	return nla_len(attr);
}

void rust_helper_extack_refuse(const struct genl_info *info, const struct nlattr *attr,
			       const char *message)
{
	if (!info->extack)
		return;
	info->extack->_msg = message;
	info->extack->bad_attr = attr;
	info->extack->policy = NULL;
}

void rust_helper_extack_missing(const struct genl_info *info, const struct nlattr *nest,
				u16 type)
{
	NL_SET_ERR_ATTR_MISS(info->extack, nest, type);
}

/* -1 is no user of the kernel. */
u32 rust_helper_genl_make_uid(const struct sk_buff *asked, u32 uid)
{
	return __kuid_val(make_kuid(sk_user_ns(NETLINK_CB(asked).sk), uid));
}

u32 rust_helper_genl_show_uid(const struct sk_buff *asked, u32 uid)
{
	return from_kuid_munged(sk_user_ns(NETLINK_CB(asked).sk), KUIDT_INIT(uid));
}

const struct sk_buff *rust_helper_genl_asked(const struct netlink_callback *cb)
{
	return cb->skb;
}

struct sk_buff *rust_helper_genl_new(size_t size, bool atomic)
{
	return genlmsg_new(size, atomic ? GFP_ATOMIC : GFP_KERNEL);
}

void *rust_helper_genl_put_reply(struct sk_buff *skb, const struct genl_info *info, u8 cmd)
{
	return genlmsg_put(skb, info->snd_portid, info->snd_seq, &heddle_nl_family, 0, cmd);
}

void *rust_helper_genl_put_event(struct sk_buff *skb, u8 cmd)
{
	return genlmsg_put(skb, 0, 0, &heddle_nl_family, 0, cmd);
}

void *rust_helper_genl_put_entry(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &heddle_nl_family, NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

void rust_helper_genl_end(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
}

void rust_helper_genl_cancel(struct sk_buff *skb, void *header)
{
	genlmsg_cancel(skb, header);
}

int rust_helper_genl_reply(struct sk_buff *skb, const struct genl_info *info)
{
	return genlmsg_reply(skb, (struct genl_info *)info);
}

/* To the only group of the family. */
int rust_helper_genl_multicast(struct net *net, struct sk_buff *skb, bool atomic)
{
	return genlmsg_multicast_netns(&heddle_nl_family, net, skb, 0, 0,
				       atomic ? GFP_ATOMIC : GFP_KERNEL);
}

bool rust_helper_genl_has_listeners(struct net *net)
{
	return genl_has_listeners(&heddle_nl_family, net, 0);
}

void rust_helper_nlmsg_free(struct sk_buff *skb)
{
	nlmsg_free(skb);
}

int rust_helper_nla_put_uint(struct sk_buff *skb, u16 type, u64 value)
{
	return nla_put_uint(skb, type, value);
}

struct nlattr *rust_helper_nla_nest_start(struct sk_buff *skb, u16 type)
{
	return nla_nest_start(skb, type);
}

void rust_helper_nla_nest_end(struct sk_buff *skb, struct nlattr *nest)
{
	nla_nest_end(skb, nest);
}

void rust_helper_nla_nest_cancel(struct sk_buff *skb, struct nlattr *nest)
{
	nla_nest_cancel(skb, nest);
}

struct net *rust_helper_dump_net(const struct netlink_callback *cb)
{
	return sock_net(cb->skb->sk);
}

long *rust_helper_dump_position(struct netlink_callback *cb)
{
	return cb->args;
}

void rust_helper_dump_set_seq(struct netlink_callback *cb, u32 seq)
{
	cb->seq = seq;
}

u32 rust_helper_dump_seq(const struct netlink_callback *cb)
{
	return cb->seq;
}

/* --- per-CPU counters, rust/percpu.rs ------------------------------------ */

u64 __percpu *rust_helper_percpu_u64_alloc(size_t number)
{
	return __alloc_percpu(size_mul(number, sizeof(u64)), __alignof__(u64));
}

void rust_helper_percpu_u64_free(u64 __percpu *counters)
{
	free_percpu(counters);
}

void rust_helper_percpu_u64_add(u64 __percpu *counters, size_t index, u64 value)
{
	this_cpu_add(counters[index], value);
}

u64 rust_helper_percpu_u64_sum(u64 __percpu *counters, size_t index)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&counters[index], cpu));
	return sum;
}

/* --- sockets, rust/mptcp/ ------------------------------------------------ */

void rust_helper_sock_put(struct sock *sk)
{
	sock_put(sk);
}

void rust_helper_lock_sock(struct sock *sk)
{
	lock_sock(sk);
}

void rust_helper_release_sock(struct sock *sk)
{
	release_sock(sk);
}

void rust_helper_sock_endpoints(const struct sock *sk, struct heddle_endpoints *to)
{
	const struct inet_sock *inet = inet_sk(sk);

	memcpy(to->local, &inet->inet_saddr, sizeof(inet->inet_saddr));
	memcpy(to->remote, &inet->inet_daddr, sizeof(inet->inet_daddr));
	to->length = sizeof(inet->inet_saddr);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		memcpy(to->local, &inet6_sk(sk)->saddr, sizeof(to->local));
		memcpy(to->remote, &sk->sk_v6_daddr, sizeof(to->remote));
		to->length = sizeof(to->local);
	}
#endif
	to->local_port = ntohs(inet->inet_sport);
	to->remote_port = ntohs(inet->inet_dport);
}

u8 rust_helper_sock_state(const struct sock *sk)
{
	return inet_sk_state_load(sk);
}

u32 rust_helper_sock_uid(const struct sock *sk)
{
	return __kuid_val(sk_uid(sk));
}

u32 rust_helper_sock_mark(const struct sock *sk)
{
	return READ_ONCE(sk->sk_mark);
}

u64 rust_helper_sock_inode(struct sock *sk)
{
	return sock_i_ino(sk);
}

u32 rust_helper_sock_ifindex(const struct sock *sk)
{
	return READ_ONCE(sk->sk_bound_dev_if);
}

/* The cgroup of a socket, and those above it, up to the root. */
size_t rust_helper_sock_cgroups(struct sock *sk, u64 *ids, size_t max)
{
	size_t number = 0;
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct cgroup *cgroup;

	rcu_read_lock();
	for (cgroup = sock_cgroup_ptr(&sk->sk_cgrp_data); cgroup && number < max;
	     cgroup = cgroup_parent(cgroup))
		ids[number++] = cgroup_id(cgroup);
	rcu_read_unlock();
#endif
	return number;
}

u32 rust_helper_mptcp_token(const struct sock *sk)
{
	return READ_ONCE(mptcp_sk(sk)->token);
}

bool rust_helper_mptcp_is_fallback(const struct mptcp_sock *msk)
{
	return __mptcp_check_fallback(msk);
}

const struct mptcp_sched_ops *rust_helper_mptcp_sched(const struct mptcp_sock *msk)
{
	return msk->sched;
}

/*
 * A connection without a scheduler is served by the default one. Who does not
 * hold the socket lock is in an RCU read side section.
 */
const char *rust_helper_mptcp_sched_name(const struct mptcp_sock *msk)
{
	static const char none[MPTCP_SCHED_NAME_MAX] = "default";
	const struct mptcp_sched_ops *sched = READ_ONCE(msk->sched);

	return sched ? sched->name : none;
}

/* With the socket lock held; the data lock is for what a softirq writes. */
void rust_helper_mptcp_info(struct mptcp_sock *msk, struct heddle_mptcp_info *to)
{
	struct sock *sk = (struct sock *)msk;

	to->unsent = msk->write_seq - msk->snd_nxt;
	to->bytes_sent = msk->bytes_sent;
	to->bytes_retrans = msk->bytes_retrans;
	mptcp_data_lock(sk);
	to->bytes_received = msk->bytes_received;
	to->bytes_acked = msk->bytes_acked;
	mptcp_data_unlock(sk);
}

/* What the kernel's own scheduler does. */
int rust_helper_mptcp_default_send(struct mptcp_sock *msk)
{
	struct sock *ssk = mptcp_subflow_get_send(msk);

	if (!ssk)
		return -EINVAL;
	mptcp_subflow_set_scheduled(mptcp_subflow_ctx(ssk), true);
	return 0;
}

int rust_helper_mptcp_default_retrans(struct mptcp_sock *msk)
{
	struct sock *ssk = mptcp_subflow_get_retrans(msk);

	if (!ssk)
		return -EINVAL;
	mptcp_subflow_set_scheduled(mptcp_subflow_ctx(ssk), true);
	return 0;
}

const struct mptcp_subflow_context *rust_helper_mptcp_subflow_of(const struct sock *ssk)
{
	return mptcp_subflow_ctx(ssk);
}

u32 rust_helper_mptcp_subflow_id(const struct mptcp_subflow_context *subflow)
{
	return subflow->subflow_id;
}

bool rust_helper_mptcp_subflow_stale(const struct mptcp_subflow_context *subflow)
{
	return subflow->stale;
}

void rust_helper_tcp_info(const struct sock *ssk, struct heddle_tcp_info *to)
{
	const struct tcp_sock *tp = tcp_sk(ssk);
	unsigned long rate = READ_ONCE(ssk->sk_pacing_rate);

	to->pacing_rate = rate == ~0UL ? ~0ULL : rate;
	to->bytes_sent = READ_ONCE(tp->bytes_sent);
	to->bytes_received = READ_ONCE(tp->bytes_received);
	to->bytes_acked = READ_ONCE(tp->bytes_acked);
	to->bytes_retrans = READ_ONCE(tp->bytes_retrans);
	/* Stored times four. */
	to->rttvar_us = READ_ONCE(tp->rttvar_us) >> 2;
	to->min_rtt_us = tcp_min_rtt(tp);
	to->retrans = READ_ONCE(tp->total_retrans);
}

/*
 * The interface that the packets of a socket leave by; false if it is not
 * known. A route whose interface is gone has a black hole instead. And a socket
 * has no route after a retransmission timeout, until it sends again: then its
 * packets most likely left by where others come in.
 */
static const struct net_device *sock_dev_rcu(const struct sock *sk)
{
	const struct net_device *dev = NULL;
	const struct dst_entry *dst;
	int index;

	dst = __sk_dst_get(sk);
	if (dst)
		dev = dst_dev_rcu(dst);
	if (!dev || dev == blackhole_netdev) {
		index = READ_ONCE(sk->sk_bound_dev_if) ?: READ_ONCE(sk->sk_rx_dst_ifindex);
		dev = index ? dev_get_by_index_rcu(sock_net(sk), index) : NULL;
	}
	return dev;
}

bool rust_helper_sock_interface(const struct sock *sk, struct heddle_interface *to)
{
	const struct net_device *dev;

	rcu_read_lock();
	dev = sock_dev_rcu(sk);
	if (dev)
		strscpy_pad((char *)to->name, dev->name, sizeof(to->name));
	rcu_read_unlock();
	return dev;
}

/* Its number; 0 if it is not known. */
int rust_helper_sock_route(const struct sock *sk)
{
	const struct net_device *dev;
	int index;

	rcu_read_lock();
	dev = sock_dev_rcu(sk);
	index = dev ? dev->ifindex : 0;
	rcu_read_unlock();
	return index;
}

/* False if there is no such interface. */
bool rust_helper_interface_name(struct net *net, int index, struct heddle_interface *to)
{
	const struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, index);
	if (dev)
		strscpy_pad((char *)to->name, dev->name, sizeof(to->name));
	rcu_read_unlock();
	return dev;
}

void rust_helper_work_init(struct delayed_work *work, work_func_t func)
{
	INIT_DELAYED_WORK(work, func);
}

/* Sooner if it would have run later. */
void rust_helper_work_within(struct delayed_work *work, unsigned int ms)
{
	unsigned long delay = msecs_to_jiffies(ms);

	if (!delay || !delayed_work_pending(work) ||
	    time_before(jiffies + delay, READ_ONCE(work->timer.expires)))
		mod_delayed_work(system_dfl_wq, work, delay);
}

void rust_helper_work_disable(struct delayed_work *work)
{
	disable_delayed_work_sync(work);
}
