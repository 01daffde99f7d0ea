// SPDX-License-Identifier: GPL-2.0

//! Generic netlink: requests, dumps, and the messages that answer them.
//!
//! The kernel checks every message against the policy of its operation before anything in here
//! sees it: lengths, ranges, types, and privilege. The tables that say so are C, made from the
//! YAML spec of the family.
//!
//! C headers: [`include/net/genetlink.h`](srctree/include/net/genetlink.h),
//! [`include/net/netlink.h`](srctree/include/net/netlink.h).

use super::Net;
use crate::bindings;
use core::{ffi::CStr, marker::PhantomData, ptr::NonNull};
use kernel::{
    error::to_result,
    ffi::{c_int, c_long, c_void},
    prelude::*,
};

/// An attribute of a message.
///
/// # Invariants
///
/// It points at an attribute that is valid for all of `'a`, with its payload.
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    attribute: NonNull<bindings::nlattr>,
    message: PhantomData<&'a bindings::nlattr>,
}

impl<'a> Attribute<'a> {
    /// # Safety
    ///
    /// The attribute must be null, or valid for all of `'a`.
    unsafe fn from_raw(attribute: *const bindings::nlattr) -> Option<Self> {
        // INVARIANT: By the safety requirements.
        Some(Self {
            attribute: NonNull::new(attribute.cast_mut())?,
            message: PhantomData,
        })
    }

    /// Its payload.
    pub fn bytes(&self) -> &'a [u8] {
        // SAFETY: By the type invariants there are so many bytes.
        unsafe {
            core::slice::from_raw_parts(
                bindings::rust_helper_nla_data(self.attribute.as_ptr()).cast(),
                bindings::rust_helper_nla_len(self.attribute.as_ptr()).into(),
            )
        }
    }

    /// Its number, of 1, 2, 4 or 8 bytes; `EINVAL` if it is of another length.
    pub fn number(&self) -> Result<u64> {
        match *self.bytes() {
            [a] => Ok(a.into()),
            [a, b] => Ok(u16::from_ne_bytes([a, b]).into()),
            [a, b, c, d] => Ok(u32::from_ne_bytes([a, b, c, d]).into()),
            [a, b, c, d, e, f, g, h] => Ok(u64::from_ne_bytes([a, b, c, d, e, f, g, h])),
            _ => Err(EINVAL),
        }
    }

    /// Its number, if it fits `T`, else `ERANGE`.
    pub fn to<T: TryFrom<u64>>(&self) -> Result<T> {
        T::try_from(self.number()?).map_err(|_| ERANGE)
    }

    /// Its text, without the NUL that ends it; `EINVAL` if there is none.
    pub fn text(&self) -> Result<&'a CStr> {
        CStr::from_bytes_until_nul(self.bytes()).map_err(|_| EINVAL)
    }
}

/// A set of attributes, which belongs to a request: those of the message, or those in a nest.
pub trait Attributes {
    /// The attribute of a type, if it is there.
    fn get(&self, attribute: u16) -> Option<Attribute<'_>>;

    /// The request they belong to.
    fn request(&self) -> &Request<'_>;

    /// The nest they are in, if they are in one.
    fn nest(&self) -> Option<Attribute<'_>>;

    /// The attributes of one type that may be there more than once, each of which is a nest.
    fn nests(&self, attribute: u16) -> impl Iterator<Item = Attribute<'_>>;

    /// The attribute of a type; without it, `EINVAL`, and the sender is told which is missing.
    fn need(&self, attribute: u16) -> Result<Attribute<'_>> {
        self.get(attribute).ok_or_else(|| {
            let nest = self.nest().map_or(core::ptr::null(), |nest| {
                nest.attribute.as_ptr().cast_const()
            });
            // SAFETY: By the type invariants of `Request`, and those of `Attribute`.
            unsafe {
                bindings::rust_helper_extack_missing(self.request().info, nest, attribute);
            }
            self.request()
                .say(None, c"A required attribute is missing.", EINVAL)
        })
    }

    /// Refuses an attribute: the sender is told which one and why. Returns `error`.
    fn refuse(&self, attribute: u16, why: &'static CStr, error: Error) -> Error {
        self.request().say(self.get(attribute), why, error)
    }
}

/// A request of a program.
///
/// # Invariants
///
/// `skb` is the message, and `info` what the kernel made of it, both valid for all of `'a`; its attributes are an array with an entry for each attribute of
/// the operation, or null if the operation has none.
pub struct Request<'a> {
    skb: *const bindings::sk_buff,
    info: *const bindings::genl_info,
    highest: u16,
    message: PhantomData<&'a bindings::genl_info>,
}

impl Attributes for Request<'_> {
    fn get(&self, attribute: u16) -> Option<Attribute<'_>> {
        if attribute > self.highest {
            return None;
        }
        // SAFETY: By the type invariants, and as it is in the range of the array.
        unsafe { Attribute::from_raw(bindings::rust_helper_genl_info_attr(self.info, attribute)) }
    }

    fn nests(&self, attribute: u16) -> impl Iterator<Item = Attribute<'_>> {
        let mut last = core::ptr::null();
        core::iter::from_fn(move || {
            // SAFETY: By the type invariants; `last` is null or an attribute of the message.
            last = unsafe { bindings::rust_helper_genl_next_attr(self.info, attribute, last) };
            // SAFETY: It is null, or an attribute of the message.
            unsafe { Attribute::from_raw(last) }
        })
    }

    fn request(&self) -> &Request<'_> {
        self
    }

    fn nest(&self) -> Option<Attribute<'_>> {
        None
    }
}

impl<'a> Request<'a> {
    /// # Safety
    ///
    /// They must be what the kernel hands to an operation whose highest attribute is `highest`,
    /// valid for all of `'a`.
    pub(super) unsafe fn from_raw(
        skb: *const bindings::sk_buff,
        info: *const bindings::genl_info,
        highest: u16,
    ) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            skb,
            info,
            highest,
            message: PhantomData,
        }
    }

    /// The namespace of the program's socket.
    pub fn net(&self) -> &'a Net {
        // SAFETY: By the type invariants, and the socket holds a reference to its namespace.
        unsafe { Net::from_raw(bindings::rust_helper_genl_info_net(self.info)) }
    }

    /// Tells the program why it is refused. Returns `error`.
    pub fn say(&self, about: Option<Attribute<'_>>, why: &'static CStr, error: Error) -> Error {
        let about = about.map_or(core::ptr::null(), |about| {
            about.attribute.as_ptr().cast_const()
        });
        // SAFETY: By the type invariants; the text lives forever, the attribute as long as the
        // request.
        unsafe {
            bindings::rust_helper_extack_refuse(self.info, about, why.as_char_ptr());
        }
        error
    }

    /// A user of the program's user namespace as the kernel numbers them, [`None`] if there is no
    /// such user.
    pub fn kernel_uid(&self, uid: u32) -> Option<u32> {
        // SAFETY: By the type invariants.
        let uid = unsafe { bindings::rust_helper_genl_make_uid(self.skb, uid) };
        (uid != u32::MAX).then_some(uid)
    }

    /// Who asks.
    pub fn reader(&self) -> Reader<'a> {
        Reader {
            asked: self.skb,
            message: PhantomData,
        }
    }

    /// Sends a reply of up to `size` bytes of attributes, which `write` writes.
    pub fn reply(
        &self,
        command: u8,
        size: usize,
        write: impl FnOnce(&mut Writer<'_>) -> Result,
    ) -> Result {
        // SAFETY: It takes any size.
        let skb = unsafe { bindings::rust_helper_genl_new(size, false) };
        let message = Message {
            skb: NonNull::new(skb).ok_or(ENOMEM)?,
        };
        // SAFETY: The message is new, and the request valid by the type invariants.
        let header = unsafe {
            bindings::rust_helper_genl_put_reply(message.skb.as_ptr(), self.info, command)
        };
        message.write(header, write)?;
        // SAFETY: The message is complete, and is given away.
        to_result(unsafe { bindings::rust_helper_genl_reply(message.into_raw(), self.info) })
    }
}

/// Who reads an answer, for what depends on its user namespace.
///
/// # Invariants
///
/// `asked` is the message it asked with, valid for all of `'a`.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    asked: *const bindings::sk_buff,
    message: PhantomData<&'a bindings::sk_buff>,
}

impl Reader<'_> {
    /// How the reader's user namespace numbers a user; that of "nobody" if it has no number.
    pub fn uid(&self, kernel_uid: u32) -> u32 {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_genl_show_uid(self.asked, kernel_uid) }
    }
}

/// The attributes in a nest.
///
/// # Invariants
///
/// Each of `attributes` is null or points at an attribute of the request.
pub struct Nest<'a, const N: usize> {
    request: &'a Request<'a>,
    nest: Attribute<'a>,
    attributes: [*const bindings::nlattr; N],
}

impl<'a, const N: usize> Nest<'a, N> {
    /// Checks the attributes of a nest against their policy.
    ///
    /// # Safety
    ///
    /// `policy` must be an array of `N` entries that lives forever.
    pub(super) unsafe fn parse(
        request: &'a Request<'a>,
        nest: Attribute<'a>,
        policy: *const bindings::nla_policy,
    ) -> Result<Self> {
        let mut attributes = [core::ptr::null(); N];
        let highest = u16::try_from(N.saturating_sub(1)).map_err(|_| EINVAL)?;
        // SAFETY: By the safety requirements, and the array has room for all types there are.
        to_result(unsafe {
            bindings::rust_helper_nla_parse_nested(
                attributes.as_mut_ptr(),
                highest,
                nest.attribute.as_ptr(),
                policy,
                request.info,
            )
        })?;
        // INVARIANT: That is what was parsed.
        Ok(Self {
            request,
            nest,
            attributes,
        })
    }
}

impl<const N: usize> Attributes for Nest<'_, N> {
    fn get(&self, attribute: u16) -> Option<Attribute<'_>> {
        let attribute = self.attributes.get(usize::from(attribute))?;
        // SAFETY: By the type invariants.
        unsafe { Attribute::from_raw(*attribute) }
    }

    fn nests(&self, attribute: u16) -> impl Iterator<Item = Attribute<'_>> {
        let nest = self.nest.attribute.as_ptr();
        let mut last = core::ptr::null();
        core::iter::from_fn(move || {
            // SAFETY: By the type invariants of `Attribute`; `last` is null or an attribute of the
            // nest.
            last = unsafe { bindings::rust_helper_nla_next_nested(nest, attribute, last) };
            // SAFETY: It is null, or an attribute of the nest, which is one of the message.
            unsafe { Attribute::from_raw(last) }
        })
    }

    fn request(&self) -> &Request<'_> {
        self.request
    }

    fn nest(&self) -> Option<Attribute<'_>> {
        Some(self.nest)
    }
}

/// A message that nobody was sent yet.
///
/// # Invariants
///
/// It owns a valid `struct sk_buff`.
struct Message {
    skb: NonNull<bindings::sk_buff>,
}

impl Message {
    fn write(&self, header: *mut c_void, write: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        if header.is_null() {
            return Err(EMSGSIZE);
        }
        write(&mut Writer {
            skb: self.skb,
            message: PhantomData,
        })?;
        // SAFETY: The header is that of this message.
        unsafe { bindings::rust_helper_genl_end(self.skb.as_ptr(), header) };
        Ok(())
    }

    fn into_raw(self) -> *mut bindings::sk_buff {
        core::mem::ManuallyDrop::new(self).skb.as_ptr()
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_nlmsg_free(self.skb.as_ptr()) };
    }
}

/// A message for all who listen to the family's events in a namespace.
pub struct Event {
    message: Message,
    context: Context,
}

/// Where something is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Where sleeping is allowed.
    Process,
    /// Where it is not.
    Atomic,
}

/// Room for an event, in bytes: what fits a page with its headers.
const EVENT_SIZE: usize = 2048;

impl Event {
    /// Whether someone listens.
    pub fn is_wanted(net: &Net) -> bool {
        // SAFETY: The namespace is valid. The family need not be registered.
        unsafe { bindings::rust_helper_genl_has_listeners(net.as_ptr()) }
    }

    /// Makes an event, which `write` writes.
    ///
    /// Fails with `ENOMEM`, or with `EMSGSIZE` if it does not fit 2 KiB.
    pub fn new(
        command: u8,
        context: Context,
        write: impl FnOnce(&mut Writer<'_>) -> Result,
    ) -> Result<Self> {
        // SAFETY: It takes any size, and does not sleep where that is not allowed.
        let skb = unsafe { bindings::rust_helper_genl_new(EVENT_SIZE, context == Context::Atomic) };
        let message = Message {
            skb: NonNull::new(skb).ok_or(ENOMEM)?,
        };
        // SAFETY: The message is new.
        let header = unsafe { bindings::rust_helper_genl_put_event(message.skb.as_ptr(), command) };
        message.write(header, write)?;
        Ok(Self { message, context })
    }

    /// Sends it to all who listen in a namespace.
    ///
    /// `ENOBUFS` if one of them could not take it.
    pub fn send(self, net: &Net) -> Result {
        let atomic = self.context == Context::Atomic;
        // SAFETY: The message is complete, and is given away. The namespace is valid.
        let err = unsafe {
            bindings::rust_helper_genl_multicast(net.as_ptr(), self.message.into_raw(), atomic)
        };
        match to_result(err) {
            // Those who listened are gone.
            Err(err) if err == ESRCH => Ok(()),
            other => other,
        }
    }
}

/// Writes attributes to a message. Each fails with `EMSGSIZE` when the message is full.
///
/// # Invariants
///
/// `skb` is a valid message that is being written, for all of `'a`.
pub struct Writer<'a> {
    skb: NonNull<bindings::sk_buff>,
    message: PhantomData<&'a mut bindings::sk_buff>,
}

impl Writer<'_> {
    /// Writes a payload as it is.
    pub fn bytes(&mut self, attribute: u16, payload: &[u8]) -> Result {
        let length = c_int::try_from(payload.len()).map_err(|_| EMSGSIZE)?;
        // SAFETY: By the type invariants, and the payload has this length.
        to_result(unsafe {
            bindings::nla_put(
                self.skb.as_ptr(),
                attribute.into(),
                length,
                payload.as_ptr().cast(),
            )
        })
    }

    /// Writes a text with the NUL that ends it.
    pub fn text(&mut self, attribute: u16, text: &CStr) -> Result {
        self.bytes(attribute, text.to_bytes_with_nul())
    }

    /// Writes a number of 8 bits.
    pub fn u8(&mut self, attribute: u16, value: u8) -> Result {
        self.bytes(attribute, &[value])
    }

    /// Writes a number of 16 bits.
    pub fn u16(&mut self, attribute: u16, value: u16) -> Result {
        self.bytes(attribute, &value.to_ne_bytes())
    }

    /// Writes a number of 32 bits.
    pub fn u32(&mut self, attribute: u16, value: u32) -> Result {
        self.bytes(attribute, &value.to_ne_bytes())
    }

    /// Writes a number of 64 bits ("u64" of a spec).
    pub fn u64(&mut self, attribute: u16, value: u64) -> Result {
        self.bytes(attribute, &value.to_ne_bytes())
    }

    /// Writes a number with 32 bits if it fits them, else with 64 ("uint" of a spec).
    pub fn uint(&mut self, attribute: u16, value: u64) -> Result {
        // SAFETY: By the type invariants.
        to_result(unsafe {
            bindings::rust_helper_nla_put_uint(self.skb.as_ptr(), attribute, value)
        })
    }

    /// Writes an attribute that says yes by being there.
    pub fn flag(&mut self, attribute: u16, value: bool) -> Result {
        if value {
            self.bytes(attribute, &[])
        } else {
            Ok(())
        }
    }

    /// Writes a nest, whose attributes `write` writes. If that fails, so does this, and the nest
    /// is not there.
    pub fn nest(&mut self, attribute: u16, write: impl FnOnce(&mut Self) -> Result) -> Result {
        // SAFETY: By the type invariants.
        let nest = unsafe { bindings::rust_helper_nla_nest_start(self.skb.as_ptr(), attribute) };
        if nest.is_null() {
            return Err(EMSGSIZE);
        }
        let written = write(self);
        // SAFETY: The nest was started above, in this message.
        unsafe {
            match written {
                Ok(()) => bindings::rust_helper_nla_nest_end(self.skb.as_ptr(), nest),
                Err(_) => bindings::rust_helper_nla_nest_cancel(self.skb.as_ptr(), nest),
            }
        }
        written
    }
}

/// A dump that is under way. It is called again, with the position that it left, until it says
/// that all is written.
///
/// # Invariants
///
/// `skb` and `callback` are what the kernel hands to a dump, valid for all of `'a`.
pub struct Dump<'a> {
    skb: NonNull<bindings::sk_buff>,
    callback: NonNull<bindings::netlink_callback>,
    message: PhantomData<&'a mut bindings::netlink_callback>,
}

impl<'a> Dump<'a> {
    /// # Safety
    ///
    /// They must be what the kernel hands to a dump, valid for all of `'a`.
    pub(super) unsafe fn from_raw(
        skb: NonNull<bindings::sk_buff>,
        callback: NonNull<bindings::netlink_callback>,
    ) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            skb,
            callback,
            message: PhantomData,
        }
    }

    /// The namespace of the program's socket.
    pub fn net(&self) -> &'a Net {
        // SAFETY: By the type invariants, and the socket holds a reference to its namespace.
        unsafe { Net::from_raw(bindings::rust_helper_dump_net(self.callback.as_ptr())) }
    }

    /// Who asks.
    pub fn reader(&self) -> Reader<'a> {
        Reader {
            // SAFETY: By the type invariants.
            asked: unsafe { bindings::rust_helper_genl_asked(self.callback.as_ptr()) },
            message: PhantomData,
        }
    }

    /// Where the dump goes on; zeroes when it begins.
    pub fn position(&mut self) -> &mut [c_long; 4] {
        // SAFETY: By the type invariants; the kernel keeps room for six, and nobody else uses it
        // as long as the dump is borrowed.
        unsafe { &mut *bindings::rust_helper_dump_position(self.callback.as_ptr()).cast() }
    }

    /// Says which generation of the data is dumped. If that changes in the middle of a dump, the
    /// program is told that what it got does not belong together (`NLM_F_DUMP_INTR`).
    pub fn set_generation(&mut self, generation: u32) {
        // 0 stands for none.
        // SAFETY: By the type invariants.
        unsafe {
            bindings::rust_helper_dump_set_seq(
                self.callback.as_ptr(),
                generation.wrapping_add(1).max(1),
            );
        }
    }

    /// Writes an entry. `EMSGSIZE` when the message is full; return that, and the dump will be
    /// called again.
    pub fn entry(&mut self, command: u8, write: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        let skb = self.skb.as_ptr();
        // SAFETY: By the type invariants.
        let header =
            unsafe { bindings::rust_helper_genl_put_entry(skb, self.callback.as_ptr(), command) };
        if header.is_null() {
            return Err(EMSGSIZE);
        }
        let written = write(&mut Writer {
            skb: self.skb,
            message: PhantomData,
        });
        // SAFETY: The header is that of the entry.
        unsafe {
            match written {
                Ok(()) => bindings::rust_helper_genl_end(skb, header),
                Err(_) => bindings::rust_helper_genl_cancel(skb, header),
            }
        }
        written
    }
}
