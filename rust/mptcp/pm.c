// SPDX-License-Identifier: GPL-2.0
/*
 * What rust/mptcp/pm.rs reads of a connection, and what it has done.
 *
 * The socket lock of the connection is held unless something else is said, those
 * of its subflows are not: fields of the latter are read with READ_ONCE().
 */

#include <linux/inetdevice.h>
#include <linux/net_namespace.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/xfrm.h>
#include "bindings.h"

bool rust_helper_pm_is_of(const struct mptcp_sock *msk, const struct mptcp_pm_ops *ops)
{
	return READ_ONCE(msk->pm.ops) == ops;
}

void *rust_helper_pm_data(const struct mptcp_sock *msk)
{
	return msk->pm.data;
}

void rust_helper_pm_set_data(struct mptcp_sock *msk, void *data)
{
	msk->pm.data = data;
}

/* Who holds this keeps events away. */
void rust_helper_pm_lock(struct mptcp_sock *msk)
{
	spin_lock_bh(&msk->pm.lock);
}

void rust_helper_pm_unlock(struct mptcp_sock *msk)
{
	spin_unlock_bh(&msk->pm.lock);
}

void rust_helper_pm_hold(struct mptcp_sock *msk, bool hold)
{
	WRITE_ONCE(msk->pm.hold_subflows, hold);
}

/* --- what the in-kernel path manager does -------------------------------- */

void rust_helper_pm_kernel_established(struct mptcp_sock *msk)
{
	mptcp_pm_kernel.established(msk);
}

void rust_helper_pm_kernel_subflow_established(struct mptcp_sock *msk)
{
	mptcp_pm_kernel.subflow_established(msk);
}

void rust_helper_pm_kernel_subflow_closed(struct mptcp_sock *msk,
					  const struct mptcp_subflow_context *subflow)
{
	mptcp_pm_kernel.subflow_closed(msk, subflow);
}

void rust_helper_pm_kernel_add_addr_received(struct mptcp_sock *msk,
					     const struct mptcp_addr_info *addr)
{
	mptcp_pm_kernel.add_addr_received(msk, addr);
}

void rust_helper_pm_kernel_worker(struct mptcp_sock *msk)
{
	mptcp_pm_kernel.worker(msk);
}

/* It has counted addresses that it connected to itself only. */
void rust_helper_pm_kernel_addr_removed(struct mptcp_sock *msk, u8 id)
{
	if (msk->pm.add_addr_accepted)
		mptcp_pm_kernel.addr_removed(msk, id);
}

/* --- what is seen -------------------------------------------------------- */

static u8 heddle_address_from(u8 to[16], const struct mptcp_addr_info *from)
{
	if (from->family == AF_INET) {
		memcpy(to, &from->addr, sizeof(from->addr));
		return sizeof(from->addr);
	}
#if IS_ENABLED(CONFIG_MPTCP_IPV6)
	if (from->family == AF_INET6) {
		memcpy(to, &from->addr6, sizeof(from->addr6));
		return sizeof(from->addr6);
	}
#endif
	return 0;
}

void rust_helper_pm_address(const struct mptcp_addr_info *from, struct heddle_pm_address *to)
{
	to->length = heddle_address_from(to->address, from);
	to->id = from->id;
	to->port = ntohs(from->port);
}

/* The ID at a place of a list; how many there are. */
u8 rust_helper_pm_removed(const struct mptcp_rm_list *list, u8 index, u8 *id)
{
	if (index < list->nr)
		*id = list->ids[index];
	return list->nr;
}

static void heddle_address_to(struct mptcp_addr_info *to, const struct heddle_pm_address *from)
{
	memset(to, 0, sizeof(*to));
	to->id = from->id;
	to->port = htons(from->port);
	if (from->length == sizeof(to->addr)) {
		to->family = AF_INET;
		memcpy(&to->addr, from->address, sizeof(to->addr));
	}
#if IS_ENABLED(CONFIG_MPTCP_IPV6)
	if (from->length == sizeof(to->addr6)) {
		to->family = AF_INET6;
		memcpy(&to->addr6, from->address, sizeof(to->addr6));
	}
#endif
}

/* The interface that has an address; up if packets can leave by it. */
static int heddle_interface_of(struct net *net, const struct heddle_pm_address *addr, bool *up)
{
	struct net_device *dev = NULL;
	int index = 0;
	__be32 v4;

	*up = false;
	rcu_read_lock();
	if (addr->length == sizeof(v4)) {
		memcpy(&v4, addr->address, sizeof(v4));
		dev = __ip_dev_find(net, v4, false);
	}
#if IS_ENABLED(CONFIG_MPTCP_IPV6)
	if (addr->length == sizeof(struct in6_addr)) {
		struct in6_addr v6;

		memcpy(&v6, addr->address, sizeof(v6));
		if (ipv6_addr_v4mapped(&v6))
			dev = __ip_dev_find(net, v6.s6_addr32[3], false);
		else
			dev = ipv6_dev_find(net, &v6, NULL);
	}
#endif
	if (dev) {
		index = dev->ifindex;
		*up = netif_running(dev) && netif_oper_up(dev);
	}
	rcu_read_unlock();
	return index;
}

/* Both ends of a socket, without the port of this one: nothing is said by it. */
static void heddle_see_ends(const struct sock *sk, struct heddle_pm_address *local,
			    struct heddle_pm_address *remote)
{
	struct heddle_endpoints ends;

	rust_helper_sock_endpoints(sk, &ends);
	memcpy(local->address, ends.local, sizeof(local->address));
	memcpy(remote->address, ends.remote, sizeof(remote->address));
	local->length = ends.length;
	remote->length = ends.length;
	local->port = 0;
	remote->port = ends.remote_port;
	local->id = 0;
	remote->id = 0;
}

/* Whom packets are handed to, unless that is the other end itself. */
static void heddle_see_gateway(const struct dst_entry *dst, struct heddle_pm_address *to)
{
	memset(to, 0, sizeof(*to));
	dst = xfrm_dst_path(dst);
	if (dst->ops->family == AF_INET) {
		const struct rtable *rt = dst_rtable(dst);

		if (rt->rt_gw_family == AF_INET) {
			memcpy(to->address, &rt->rt_gw4, sizeof(rt->rt_gw4));
			to->length = sizeof(rt->rt_gw4);
		} else if (rt->rt_gw_family == AF_INET6) {
			memcpy(to->address, &rt->rt_gw6, sizeof(rt->rt_gw6));
			to->length = sizeof(rt->rt_gw6);
		}
	} else if (dst->ops->family == AF_INET6) {
		const struct rt6_info *rt = dst_rt6_info(dst);

		if (rt->rt6i_flags & RTF_GATEWAY) {
			memcpy(to->address, &rt->rt6i_gateway, sizeof(rt->rt6i_gateway));
			to->length = sizeof(rt->rt6i_gateway);
		}
	}
}

/*
 * The route that a subflow would have from an address, by an interface if it is bound to one. An
 * address of no length is filled in.
 */
static struct dst_entry *heddle_route(const struct sock *sk, struct heddle_pm_address *from,
				      int bound, const struct heddle_pm_address *to)
{
	if (to->length == sizeof(__be32)) {
		struct flowi4 fl4 = {
			.flowi4_oif = bound,
			.flowi4_mark = READ_ONCE(sk->sk_mark),
			.flowi4_uid = sk_uid(sk),
			.flowi4_proto = IPPROTO_TCP,
		};
		struct rtable *rt;

		memcpy(&fl4.daddr, to->address, sizeof(fl4.daddr));
		if (from->length == sizeof(fl4.saddr))
			memcpy(&fl4.saddr, from->address, sizeof(fl4.saddr));
		rt = ip_route_output_key(sock_net(sk), &fl4);
		if (IS_ERR(rt))
			return NULL;
		memcpy(from->address, &fl4.saddr, sizeof(fl4.saddr));
		from->length = sizeof(fl4.saddr);
		return &rt->dst;
	}
#if IS_ENABLED(CONFIG_MPTCP_IPV6)
	if (to->length == sizeof(struct in6_addr)) {
		struct flowi6 fl6 = {
			.flowi6_oif = bound,
			.flowi6_mark = READ_ONCE(sk->sk_mark),
			.flowi6_uid = sk_uid(sk),
			.flowi6_proto = IPPROTO_TCP,
		};
		struct dst_entry *dst;

		memcpy(&fl6.daddr, to->address, sizeof(fl6.daddr));
		if (from->length == sizeof(fl6.saddr))
			memcpy(&fl6.saddr, from->address, sizeof(fl6.saddr));
		dst = ip6_route_output(sock_net(sk), NULL, &fl6);
		if (!dst->error &&
		    (from->length || !ipv6_dev_get_saddr(sock_net(sk), dst_dev(dst), &fl6.daddr, 0,
							 &fl6.saddr))) {
			memcpy(from->address, &fl6.saddr, sizeof(fl6.saddr));
			from->length = sizeof(fl6.saddr);
			return dst;
		}
		dst_release(dst);
	}
#endif
	return NULL;
}

/* False if there is none. Process context. */
bool rust_helper_pm_way(const struct mptcp_sock *msk, const struct heddle_pm_address *from,
			int bound, const struct heddle_pm_address *to, struct heddle_pm_way *way)
{
	struct dst_entry *dst;

	way->local = *from;
	dst = heddle_route((const struct sock *)msk, &way->local, bound, to);
	if (!dst)
		return false;
	heddle_see_gateway(dst, &way->gateway);
	way->interface = dst_dev(dst)->ifindex;
	dst_release(dst);
	return true;
}

/* False for one that is about to go. */
static bool heddle_see_subflow(struct net *net, const struct mptcp_subflow_context *subflow,
			       struct heddle_pm_subflow *to)
{
	const struct sock *ssk = mptcp_subflow_tcp_sock(subflow);
	const struct tcp_sock *tp = tcp_sk(ssk);
	struct dst_entry *dst;
	int state = inet_sk_state_load(ssk);

	to->id = subflow->subflow_id;
	to->connecting = state == TCP_SYN_SENT || state == TCP_SYN_RECV;
	if (subflow->close_event_done ||
	    !(to->connecting || state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT))
		return false;

	to->opened = subflow->request_join;
	to->backup = subflow->request_bkup;

	heddle_see_ends(ssk, &to->local, &to->remote);
	to->local.id = subflow_get_local_id(subflow);
	to->remote.id = READ_ONCE(subflow->remote_id);
	to->interface = heddle_interface_of(net, &to->local, &to->up);
	to->route = rust_helper_sock_route(ssk) ?: to->interface;
	to->gateway.length = 0;
	dst = sk_dst_get(ssk);
	if (dst) {
		heddle_see_gateway(dst, &to->gateway);
		dst_release(dst);
	}
	/* an address that never was on an interface has not lost it */
	if (!to->interface && (inet_test_bit(TRANSPARENT, ssk) || inet_test_bit(FREEBIND, ssk)))
		to->up = true;

	to->srtt_us = READ_ONCE(tp->srtt_us) >> 3;
	to->sent = READ_ONCE(tp->data_segs_out);
	to->lost = READ_ONCE(tp->total_retrans);
	to->bytes_sent = READ_ONCE(tp->bytes_sent) + rust_helper_tcp_unsent(ssk);
	to->bytes_received = READ_ONCE(tp->bytes_received);
	to->heard_ms = jiffies_to_msecs(tcp_jiffies32 - READ_ONCE(tp->rcv_tstamp));
	return true;
}

void rust_helper_pm_see(struct mptcp_sock *msk, struct heddle_pm_seen *to)
{
	struct sock *sk = (struct sock *)msk;
	struct mptcp_pm_local *scratch = (struct mptcp_pm_local *)to->scratch;
	struct mptcp_subflow_context *subflow;
	struct net *net = sock_net(sk);
	unsigned int i;

	BUILD_BUG_ON(sizeof(to->scratch) < ARRAY_SIZE(to->endpoints) * sizeof(*scratch));

	to->usable = mptcp_is_fully_established(sk) && !__mptcp_check_fallback(msk);
	to->server = READ_ONCE(msk->pm.server_side);
	to->deny_join_id0 = READ_ONCE(msk->pm.remote_deny_join_id0);
	to->extra_subflows = READ_ONCE(msk->pm.extra_subflows);
	to->limit_subflows = mptcp_pm_get_limit_extra_subflows(msk);
	to->limit_accepted = mptcp_pm_get_limit_add_addr_accepted(msk);
	to->bytes = READ_ONCE(msk->bytes_sent) + READ_ONCE(msk->bytes_received);
	to->v6 = sk->sk_family == AF_INET6;
	to->v4 = !to->v6 || !ipv6_only_sock(sk);

	heddle_see_ends(sk, &to->local.address, &to->remote);
	to->local.flags = 0;
	to->local.bound = 0;
	to->local.interface = heddle_interface_of(net, &to->local.address, &to->local.up);

	to->endpoints_number = mptcp_pm_get_endpoints(net, scratch, ARRAY_SIZE(to->endpoints));
	for (i = 0; i < to->endpoints_number; i++) {
		struct heddle_pm_endpoint *endpoint = &to->endpoints[i];
		const struct mptcp_pm_local *from = &scratch[i];

		rust_helper_pm_address(&from->addr, &endpoint->address);
		/* that of the initial subflow has the ID 0 in this connection */
		if (from->addr.id == msk->mpc_endpoint_id)
			endpoint->address.id = 0;
		endpoint->flags = from->flags;
		endpoint->bound = from->ifindex;
		endpoint->interface = heddle_interface_of(net, &endpoint->address, &endpoint->up);
	}

	to->subflows_number = 0;
	mptcp_for_each_subflow(msk, subflow) {
		if (to->subflows_number == ARRAY_SIZE(to->subflows))
			break;
		if (heddle_see_subflow(net, subflow, &to->subflows[to->subflows_number]))
			to->subflows_number++;
	}
}

/* --- what is done -------------------------------------------------------- */

int rust_helper_pm_connect(struct mptcp_sock *msk, const struct heddle_pm_address *from,
			   u32 flags, int bound, const struct heddle_pm_address *to)
{
	struct mptcp_pm_local local = { .flags = flags, .ifindex = bound };
	struct mptcp_addr_info remote;

	heddle_address_to(&local.addr, from);
	heddle_address_to(&remote, to);
	/* where the routes lead, in the family of the other end */
	if (local.addr.family == AF_UNSPEC)
		local.addr.family = remote.family;
	local.addr.port = 0;
	return mptcp_pm_subflow_connect(msk, &local, &remote);
}

/* The subflow of a number, as long as it is open. */
static struct mptcp_subflow_context *heddle_subflow(const struct mptcp_sock *msk, u32 id)
{
	struct mptcp_subflow_context *subflow;

	mptcp_for_each_subflow(msk, subflow)
		if (subflow->subflow_id == id && !subflow->close_event_done)
			return subflow;
	return NULL;
}

bool rust_helper_pm_close(struct mptcp_sock *msk, u32 id)
{
	struct mptcp_subflow_context *subflow = heddle_subflow(msk, id);

	if (subflow)
		mptcp_pm_subflow_close(msk, subflow);
	return subflow;
}

/* Has the peer close what it has to a local address, which it knows by its ID. */
void rust_helper_pm_withdraw(struct mptcp_sock *msk, u8 id)
{
	struct mptcp_addr_info addr = { .id = id };

	mptcp_pm_addr_withdraw(msk, &addr);
}

bool rust_helper_pm_set_backup(struct mptcp_sock *msk, u32 id, bool backup)
{
	struct mptcp_subflow_context *subflow = heddle_subflow(msk, id);

	if (!subflow || !__mptcp_subflow_active(subflow))
		return false;
	mptcp_pm_subflow_set_backup(msk, subflow, backup);
	return true;
}

void rust_helper_pm_wake_after(struct mptcp_sock *msk, u32 ms)
{
	mptcp_pm_reset_timer(msk, jiffies + msecs_to_jiffies(ms));
}

/* Has the workers of a namespace's connections with a path manager called. Process context. */
u32 rust_helper_pm_schedule_all(const struct net *net, const struct mptcp_pm_ops *ops)
{
	long slot = 0, number = 0;
	struct mptcp_sock *msk;
	u32 scheduled = 0;

	while ((msk = mptcp_token_iter_next(net, &slot, &number))) {
		if (READ_ONCE(msk->pm.ops) == ops) {
			mptcp_pm_schedule(msk);
			scheduled++;
		}
		sock_put((struct sock *)msk);
		cond_resched();
	}
	return scheduled;
}
