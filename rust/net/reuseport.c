// SPDX-License-Identifier: GPL-2.0
/*
 * What rust/net/reuseport.rs reads of a group, of its listeners, and of the
 * requests that migrate.
 *
 * No lock of a socket is held, other than that of the listener being closed:
 * each field is read with READ_ONCE(), and two need not be of the same moment.
 */

#include <linux/random.h>
#include "bindings.h"

/* The number of open members, before any of them is looked at. */
u16 rust_helper_reuseport_number(const struct sock_reuseport *reuse)
{
	u16 number = READ_ONCE(reuse->num_socks);

	/* Pairs with smp_wmb() in __reuseport_add_sock(). */
	smp_rmb();
	return number;
}

struct sock *rust_helper_reuseport_member(const struct sock_reuseport *reuse, u16 index)
{
	return READ_ONCE(reuse->socks[index]);
}

u16 rust_helper_reuseport_newest(const struct sock_reuseport *reuse)
{
	return READ_ONCE(reuse->newest);
}

u32 rust_helper_reuseport_joins(const struct sock_reuseport *reuse)
{
	return READ_ONCE(reuse->joins);
}

u32 rust_helper_reuseport_joined(const struct sock_reuseport *reuse, u16 index)
{
	return READ_ONCE(reuse->joined[index]);
}

bool rust_helper_sock_is_tcp(const struct sock *sk)
{
	return sk_is_tcp(sk);
}

/* Of a request as well. */
bool rust_helper_sock_is_mptcp(const struct sock *sk)
{
	if (sk->sk_state == TCP_NEW_SYN_RECV)
		return rsk_is_mptcp(inet_reqsk(sk));
	return sk_is_mptcp(sk);
}

/* 0 as long as nobody has asked for it. */
u64 rust_helper_sock_cookie(struct sock *sk)
{
	return atomic64_read(&sk->sk_cookie);
}

void rust_helper_listener(struct sock *sk, struct heddle_listener *to)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	int cpu = READ_ONCE(sk->sk_incoming_cpu);

	to->queued = READ_ONCE(sk->sk_ack_backlog);
	to->limit = READ_ONCE(sk->sk_max_ack_backlog);
	to->handshakes = reqsk_queue_len(&icsk->icsk_accept_queue);
	to->mark = READ_ONCE(sk->sk_mark);
	to->receive_buffer = READ_ONCE(sk->sk_rcvbuf);
	to->has_cpu = cpu >= 0 && cpu < nr_cpu_ids;
	to->cpu = to->has_cpu ? cpu : 0;
	to->node = to->has_cpu ? cpu_to_node(cpu) : 0;
#ifdef CONFIG_SOCK_CGROUP_DATA
	to->cgroup = cgroup_id(sock_cgroup_ptr(&sk->sk_cgrp_data));
#else
	to->cgroup = 0;
#endif
}

static bool has_md5_keys(const struct tcp_sock *tp)
{
#ifdef CONFIG_TCP_MD5SIG
	const struct tcp_md5sig_info *info = rcu_dereference(tp->md5sig_info);

	return info && !hlist_empty(&info->head);
#else
	return false;
#endif
}

static bool has_ao_keys(const struct tcp_sock *tp)
{
#ifdef CONFIG_TCP_AO
	const struct tcp_ao_info *info = rcu_dereference(tp->ao_info);

	return info && !hlist_empty(&info->head);
#else
	return false;
#endif
}

void rust_helper_listener_settings(const struct sock *sk, struct heddle_listener_settings *to)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct inet_sock *inet = inet_sk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	to->ulp = (unsigned long)READ_ONCE(icsk->icsk_ulp_ops);
	to->congestion_control = (unsigned long)READ_ONCE(icsk->icsk_ca_ops);
	to->receive_buffer = READ_ONCE(sk->sk_userlocks) & SOCK_RCVBUF_LOCK ?
			     READ_ONCE(sk->sk_rcvbuf) : 0;
	to->save_syn = tp->save_syn;
	to->defer_accept = READ_ONCE(icsk->icsk_accept_queue.rskq_defer_accept);
	to->fast_open = READ_ONCE(icsk->icsk_accept_queue.fastopenq.max_qlen);
	to->mptcp = sk_is_mptcp(sk);
	rcu_read_lock();
	to->md5 = has_md5_keys(tp);
	to->ao = has_ao_keys(tp);
	rcu_read_unlock();
	to->transparent = inet_test_bit(TRANSPARENT, sk);
	to->tos = READ_ONCE(inet->tos);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		to->tos = READ_ONCE(inet6_sk(sk)->tclass);
#endif
	to->priority = READ_ONCE(sk->sk_priority);
	to->mark = READ_ONCE(sk->sk_mark);
	to->interface = READ_ONCE(sk->sk_bound_dev_if);
}

void rust_helper_warn_of_heir(const struct sock *sk, const char *setting)
{
	net_warn_ratelimited("heddle: the heir of a listener on port %u differs from it in %s\n",
			     READ_ONCE(sk->sk_num), setting);
}

/*
 * The CPU that packets of a connection come in on. A request has no such field;
 * its timer is pinned to that CPU, and a packet is handled on it.
 */
u32 rust_helper_migrating_cpu(const struct sock *sk)
{
	int cpu = -1;

	if (sk->sk_state != TCP_NEW_SYN_RECV)
		cpu = READ_ONCE(sk->sk_incoming_cpu);
	return cpu >= 0 && cpu < nr_cpu_ids ? cpu : raw_smp_processor_id();
}

u32 rust_helper_cpu_node(u32 cpu)
{
	return cpu_to_node(cpu);
}

/* Whether the kernel can clone a request, or that of a connection. */
bool rust_helper_can_migrate(const struct sock *sk)
{
#ifdef HEDDLE_MPTCP_CLONES
	return true;
#else
	return sk->sk_state != TCP_NEW_SYN_RECV || !rsk_is_mptcp(inet_reqsk(sk));
#endif
}

u64 rust_helper_random(void)
{
	return get_random_u64();
}

bool rust_helper_sock_is_request(const struct sock *sk)
{
	return sk->sk_state == TCP_NEW_SYN_RECV;
}

u32 rust_helper_sock_hash(const struct sock *sk)
{
	return sk->sk_hash;
}

/* Whether it outlived its file, see sock_release_parked(). Under RCU. */
bool rust_helper_sock_is_parked(const struct sock *sk)
{
	const struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock && !READ_ONCE(sock->file);
}

/* The TCP socket of it, which is the one in the group. */
struct sock *rust_helper_parked_listener(const struct socket *sock)
{
	struct sock *sk = sock->sk;

	return sk->sk_protocol == IPPROTO_MPTCP ? READ_ONCE(mptcp_sk(sk)->first) : sk;
}

void rust_helper_parked_limit(const struct socket *sock, u32 connections)
{
	struct sock *ssk = rust_helper_parked_listener(sock);

	/* sk_acceptq_is_full() allows for one more. */
	WRITE_ONCE(ssk->sk_max_ack_backlog, min(ssk->sk_max_ack_backlog, connections - 1));
}

bool rust_helper_reuseport_has_owner(const struct sock *sk)
{
	struct sock_reuseport *reuse;
	bool found = false;
	u16 number, i;

	rcu_read_lock();
	reuse = rcu_dereference(sk->sk_reuseport_cb);
	if (reuse) {
		number = rust_helper_reuseport_number(reuse);
		for (i = 0; i < number && !found; i++)
			found = !rust_helper_sock_is_parked(rust_helper_reuseport_member(reuse, i));
	}
	rcu_read_unlock();
	return found;
}

bool rust_helper_reuseport_has_program(const struct sock *sk)
{
	const struct sock_reuseport *reuse;
	bool has;

	rcu_read_lock();
	reuse = rcu_dereference(sk->sk_reuseport_cb);
	has = reuse && rcu_access_pointer(reuse->prog);
	rcu_read_unlock();
	return has;
}
