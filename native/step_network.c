/*
 * Network devices of the host: moved into the container's network namespace by rtnetlink(7), with
 * their addresses.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IFLA_NEW_IFINDEX
#define IFLA_NEW_IFINDEX 49
#endif

#define MAX_ADDRESSES 256
#define ANSWER_SIZE (32u << 10)

/* What an address is made with anew; the rest of its flags the kernel finds out. */
#define KEPT_FLAGS \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | \
	 IFA_F_MCAUTOJOIN)

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
	};
	char attributes[512];
};

struct link_state {
	int index;
	bool up;
};

/* An address to make again: the message is complete but for the index of its device. */
struct addresses {
	uint32_t count;
	struct request each[MAX_ADDRESSES];
};

static void begin(struct request *r, uint16_t type, uint16_t flags, size_t body)
{
	memset(r, 0, sizeof(*r));
	r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
}

static bool add(struct request *r, uint16_t type, const void *value, size_t size)
{
	size_t at = NLMSG_ALIGN(r->header.nlmsg_len);
	struct rtattr *attribute = (struct rtattr *)((char *)r + at);

	if (at + RTA_LENGTH(size) > sizeof(*r)) {
		errno = EMSGSIZE;
		return false;
	}
	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), value, size);
	r->header.nlmsg_len = (uint32_t)(at + RTA_LENGTH(size));
	return true;
}

/* NLMSG_OK() compares a signed with an unsigned number, and NLMSG_NEXT() may go below 0. */
static bool is_whole(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof(*message) && message->nlmsg_len >= sizeof(*message) &&
	       message->nlmsg_len <= (uint32_t)left;
}

typedef void answer_function(const struct nlmsghdr *message, void *arg);

/* Sends a request and reads its answers up to the last: 0, or -1 with the kernel's errno. */
static int talk(int fd, struct request *r, answer_function *each, void *arg)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_SIZE];

	if (send(fd, r, r->header.nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		for (struct nlmsghdr *m = (struct nlmsghdr *)answer; is_whole(m, left);
		     m = NLMSG_NEXT(m, left)) {
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (m->nlmsg_type == NLMSG_ERROR) {
				errno = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
				return errno ? -1 : 0;
			}
			if (each)
				each(m, arg);
		}
	}
}

static void read_link(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	struct link_state *state = arg;

	state->index = link->ifi_index;
	state->up = link->ifi_flags & IFF_UP;
}

/* The device of this name, or of this index when there is no name. */
static int find_link(int fd, const char *name, int index, struct link_state *state)
{
	struct request r;

	begin(&r, RTM_GETLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = index;
	if (name && !add(&r, IFLA_IFNAME, name, strlen(name) + 1))
		return -1;
	return talk(fd, &r, read_link, state);
}

struct collection {
	int index;
	struct addresses *found;
};

/* Keeps what somebody has given the device for good, and what is of use beyond this host. */
static void keep_address(const struct nlmsghdr *message, void *arg)
{
	const struct collection *c = arg;
	const struct ifaddrmsg *address = NLMSG_DATA(message);
	struct request *r = &c->found->each[c->found->count];
	uint32_t flags = address->ifa_flags;
	int left = (int)IFA_PAYLOAD(message);

	if (message->nlmsg_type != RTM_NEWADDR || (int)address->ifa_index != c->index)
		return;
	for (const struct rtattr *a = IFA_RTA(address); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFA_FLAGS)
			memcpy(&flags, RTA_DATA(a), sizeof(flags));
	if (!(flags & IFA_F_PERMANENT) || address->ifa_scope != RT_SCOPE_UNIVERSE ||
	    c->found->count == MAX_ADDRESSES)
		return;
	begin(r, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, sizeof(r->address));
	r->address = *address;
	r->address.ifa_flags = 0;
	left = (int)IFA_PAYLOAD(message);
	/* No label: it has the old name in it. */
	for (const struct rtattr *a = IFA_RTA(address); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type == IFA_LOCAL || a->rta_type == IFA_ADDRESS ||
		     a->rta_type == IFA_BROADCAST) &&
		    !add(r, a->rta_type, RTA_DATA(a), RTA_PAYLOAD(a)))
			return;
	flags &= KEPT_FLAGS;
	if (add(r, IFA_FLAGS, &flags, sizeof(flags)))
		c->found->count++;
}

static int list_addresses(int fd, int index, struct addresses *found)
{
	struct collection c = { .index = index, .found = found };
	struct request r;

	found->count = 0;
	begin(&r, RTM_GETADDR, NLM_F_DUMP, sizeof(r.address));
	return talk(fd, &r, keep_address, &c);
}

/*
 * Which index the device will have over there: its own, or the next that is free. Chosen by us,
 * for it must be found again whatever the kernel makes of a name such as eth%d.
 */
static int free_index(int fd, int wanted)
{
	struct link_state there;

	while (find_link(fd, NULL, wanted, &there) == 0)
		wanted++;
	return errno == ENODEV ? wanted : -1;
}

/* Another namespace and another name in one request: the kernel takes the device down for it. */
static int move_link(int fd, int index, int namespace, int new_index, const char *name)
{
	struct request r;

	begin(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = index;
	if (!add(&r, IFLA_NET_NS_FD, &namespace, sizeof(namespace)) ||
	    !add(&r, IFLA_IFNAME, name, strlen(name) + 1) ||
	    (new_index != index && !add(&r, IFLA_NEW_IFINDEX, &new_index, sizeof(new_index))))
		return -1;
	return talk(fd, &r, NULL, NULL);
}

static int restore_link(struct launch *l, int fd, int index, struct addresses *addresses, bool up)
{
	struct request r;

	for (uint32_t i = 0; i < addresses->count; i++) {
		addresses->each[i].address.ifa_index = (uint32_t)index;
		/* A namespace without IPv6 has no use for the address. */
		if (talk(fd, &addresses->each[i], NULL, NULL) < 0 && errno != EACCES &&
		    errno != EEXIST)
			return (int)check(l, "RTM_NEWADDR", -1);
	}
	begin(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = index;
	r.link.ifi_flags = r.link.ifi_change = IFF_UP;
	return up ? (int)check(l, "RTM_NEWLINK(up)", talk(fd, &r, NULL, NULL)) : 0;
}

static int open_socket(struct launch *l)
{
	return (int)check(l, "socket(NETLINK_ROUTE)",
			  socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
}

static int open_namespace(struct launch *l, const char *process)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/ns/net", process);
	return open_proc_namespace(l, path);
}

/*
 * Sockets on both sides, for this device and the next. The one inside keeps the namespace, and with
 * it the devices, until the launch has succeeded or has been undone.
 */
static int open_network(struct launch *l)
{
	struct network *n = &l->network;
	char child[16];

	if (n->inside > 0)
		return 0;
	snprintf(child, sizeof(child), "%d", l->child);
	n->own_namespace = open_namespace(l, "self");
	n->namespace = open_namespace(l, child);
	n->outside = open_socket(l);
	if (n->own_namespace < 0 || n->namespace < 0 || n->outside < 0 ||
	    check(l, "setns(net)", setns(n->namespace, CLONE_NEWNET)) < 0)
		return -1;
	n->inside = open_socket(l);
	if (check(l, "setns(net)", setns(n->own_namespace, CLONE_NEWNET)) < 0)
		return -1;
	return n->inside < 0 ? -1 : 0;
}

void forget_network(struct launch *l)
{
	struct network *n = &l->network;

	if (n->inside <= 0)
		return;
	close(n->inside);
	close(n->outside);
	close(n->namespace);
	close(n->own_namespace);
	memset(n, 0, sizeof(*n));
}

int step_net_device(struct launch *l, const struct plan_step *s)
{
	const char *device = text_arg(l, s, ARG_NET_DEVICE_DEVICE);
	const char *name = text_arg(l, s, ARG_NET_DEVICE_NAME);
	struct network *n = &l->network;
	struct addresses *addresses = arena_take(l, sizeof(*addresses));
	struct moved_device *moved = &n->moved[n->count];
	struct link_state here;
	struct link_state there;
	int index;

	if (!addresses || open_network(l) < 0)
		return -1;
	if (n->count == MAX_NET_DEVICES) {
		errno = E2BIG;
		return (int)check(l, "RTM_NEWLINK", -1);
	}
	if (check(l, "RTM_GETLINK", find_link(n->outside, device, 0, &here)) < 0 ||
	    check(l, "RTM_GETADDR", list_addresses(n->outside, here.index, addresses)) < 0)
		return -1;
	/* Before it leaves: a move whose renaming failed would leave it there with its old name. */
	if (!strchr(name, '%') && find_link(n->inside, name, 0, &there) == 0) {
		errno = EEXIST;
		return (int)check(l, "RTM_NEWLINK", -1);
	}
	index = free_index(n->inside, here.index);
	if (check(l, "RTM_GETLINK", index) < 0)
		return -1;
	snprintf(moved->name, sizeof(moved->name), "%s", device);
	moved->index = index;
	moved->up = here.up;
	if (check(l, "RTM_NEWLINK", move_link(n->outside, here.index, n->namespace, index, name)) <
	    0) {
		int saved = errno;

		/* Moved and not renamed, perhaps. */
		if (find_link(n->inside, NULL, index, &there) == 0)
			n->count++;
		errno = saved;
		return -1;
	}
	n->count++;
	return restore_link(l, n->inside, index, addresses, true);
}

/* Undo: what the kernel would destroy with the namespace, or give another name, goes back. */
int step_net_devices_back(struct launch *l, const struct plan_step *s)
{
	struct network *n = &l->network;
	struct addresses *addresses = arena_take(l, sizeof(*addresses));
	int result = 0;

	(void)s;
	while (addresses && n->count > 0) {
		struct moved_device *moved = &n->moved[--n->count];
		int index = free_index(n->outside, moved->index);

		if (list_addresses(n->inside, moved->index, addresses) < 0 || index < 0 ||
		    move_link(n->inside, moved->index, n->own_namespace, index, moved->name) < 0 ||
		    restore_link(l, n->outside, index, addresses, moved->up) < 0)
			result = (int)check(l, "RTM_NEWLINK", -1);
	}
	return result;
}
