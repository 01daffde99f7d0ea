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

void rust_helper_mptcp_set_snd_burst(struct mptcp_sock *msk, int burst)
{
	msk->snd_burst = burst;
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

bool rust_helper_sk_stream_memory_free(const struct sock *ssk)
{
	return sk_stream_memory_free(ssk);
}

bool rust_helper_tcp_rtx_and_write_queues_empty(const struct sock *ssk)
{
	return tcp_rtx_and_write_queues_empty(ssk);
}
