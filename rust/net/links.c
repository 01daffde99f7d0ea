// SPDX-License-Identifier: GPL-2.0
/*
 * What rust/net/links.rs follows: interfaces that come and go, and their
 * addresses.
 */

#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include "../bindings.h"

static void (*links_changed)(struct net *net);

static int links_device(struct notifier_block *block, unsigned long event, void *info)
{
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		links_changed(dev_net(netdev_notifier_info_to_dev(info)));
		break;
	}
	return NOTIFY_DONE;
}

static int links_v4(struct notifier_block *block, unsigned long event, void *info)
{
	const struct in_ifaddr *addr = info;

	links_changed(dev_net(addr->ifa_dev->dev));
	return NOTIFY_DONE;
}

static struct notifier_block links_device_block = { .notifier_call = links_device };
static struct notifier_block links_v4_block = { .notifier_call = links_v4 };

#if IS_ENABLED(CONFIG_MPTCP_IPV6)
static int links_v6(struct notifier_block *block, unsigned long event, void *info)
{
	const struct inet6_ifaddr *addr = info;

	links_changed(dev_net(addr->idev->dev));
	return NOTIFY_DONE;
}

static struct notifier_block links_v6_block = { .notifier_call = links_v6 };
#endif

/* One at a time. */
int rust_helper_links_follow(void (*changed)(struct net *net))
{
	int err;

	links_changed = changed;
	err = register_netdevice_notifier(&links_device_block);
	if (err)
		return err;
	register_inetaddr_notifier(&links_v4_block);
#if IS_ENABLED(CONFIG_MPTCP_IPV6)
	register_inet6addr_notifier(&links_v6_block);
#endif
	return 0;
}

/* Waits for those that are being told. */
void rust_helper_links_forget(void)
{
#if IS_ENABLED(CONFIG_MPTCP_IPV6)
	unregister_inet6addr_notifier(&links_v6_block);
#endif
	unregister_inetaddr_notifier(&links_v4_block);
	unregister_netdevice_notifier(&links_device_block);
}

/* Process context; no namespace comes or goes meanwhile. */
void rust_helper_visit_nets(void *data, void (*see)(struct net *net, void *data))
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		see(net, data);
	up_read(&net_rwsem);
}
