/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads: the kernel headers that the kernel crate has no bindings
 * of, and the helpers of helpers.c. Kbuild lists which items become bindings.
 */

#ifndef HEDDLE_BINDINGS_H
#define HEDDLE_BINDINGS_H

#include <linux/tcp.h>
#include <net/mptcp.h>
#include <net/tcp.h>

/* Private to net/mptcp; found through -I$(srctree)/net/mptcp. */
#include "protocol.h"

struct mptcp_subflow_context *
rust_helper_mptcp_next_subflow(const struct mptcp_sock *msk,
			       const struct mptcp_subflow_context *subflow);
void *rust_helper_mptcp_sched_data(const struct mptcp_sock *msk);
void rust_helper_mptcp_set_sched_data(struct mptcp_sock *msk, void *data);
u64 rust_helper_mptcp_send_window(const struct mptcp_sock *msk);
void rust_helper_mptcp_set_snd_burst(struct mptcp_sock *msk, int burst);

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
bool rust_helper_sk_stream_memory_free(const struct sock *ssk);
bool rust_helper_tcp_rtx_and_write_queues_empty(const struct sock *ssk);

#endif /* HEDDLE_BINDINGS_H */
