// SPDX-License-Identifier: GPL-2.0

//! The generic netlink family `heddle`.
//!
//! Its operations and their policies are C, generated from
//! `Documentation/netlink/specs/heddle.yaml`. Here is what the tables call, by name; it hands
//! every call to the [`Handlers`] of the module.

use super::genl::{Attribute, Dump, Nest, Request};
use crate::bindings;
use core::ptr::NonNull;
use kernel::{
    error::{from_result, to_result},
    ffi::c_int,
    prelude::*,
    sync::SetOnce,
};

pub use crate::bindings::uapi;

/// Writes the functions that parse what a configuration is made of.
macro_rules! nests {
    ($($(#[$doc:meta])* $name:ident: $policy:ident ($highest:ident, $number:ident),)*) => {
        $(
            const $number: usize = uapi::$highest as usize + 1;

            $(#[$doc])*
            pub fn $name<'a>(
                request: &'a Request<'a>,
                nest: Attribute<'a>,
            ) -> Result<Nest<'a, $number>> {
                // SAFETY: The policy has so many entries, see `generated.h`.
                unsafe { Nest::parse(request, nest, (&raw const bindings::$policy).cast()) }
            }
        )*
    };
}

nests! {
    /// The attributes of a knob in a configuration.
    parse_knob: heddle_config_knob_nl_policy (HEDDLE_A_KNOB_VALUE, KNOB),
    /// The attributes of a rule in a configuration.
    parse_rule: heddle_config_rule_nl_policy (HEDDLE_A_RULE_SETTING, RULE),
    /// The attributes of a path in a configuration.
    parse_path: heddle_config_path_nl_policy (HEDDLE_A_PATH_SETTING, PATH),
    /// The attributes of a migration in a configuration.
    parse_migration: heddle_config_migration_nl_policy (HEDDLE_A_MIGRATION_POLICY, MIGRATION),
}

/// Writes the functions that the tables name, and the type that says what they call.
macro_rules! operations {
    (
        do { $($do_name:ident => $do_symbol:ident ($highest:expr),)* }
        dump { $($dump_name:ident => $dump_symbol:ident,)* }
    ) => {
        /// What the module does for each operation. Process context; may sleep. Several may run
        /// at the same time.
        pub struct Handlers {
            $(
                #[doc = concat!("For `", stringify!($do_symbol), "`.")]
                pub $do_name: fn(&Request<'_>) -> Result,
            )*
            $(
                #[doc = concat!("For `", stringify!($dump_symbol), "`.")]
                pub $dump_name: fn(&mut Dump<'_>) -> Result,
            )*
        }

        $(
            /// # Safety
            ///
            /// For the kernel to call, by way of the table.
            #[no_mangle]
            unsafe extern "C" fn $do_symbol(
                skb: *mut bindings::sk_buff,
                info: *mut bindings::genl_info,
            ) -> c_int {
                let Some(handlers) = HANDLERS.as_ref() else {
                    return ENODEV.to_errno();
                };
                // SAFETY: By the safety requirements; the number is that of the table.
                let request = unsafe { Request::from_raw(skb, info, $highest) };
                from_result(|| (handlers.$do_name)(&request).map(|()| 0))
            }
        )*

        $(
            /// # Safety
            ///
            /// For the kernel to call, by way of the table.
            #[no_mangle]
            unsafe extern "C" fn $dump_symbol(
                skb: *mut bindings::sk_buff,
                callback: *mut bindings::netlink_callback,
            ) -> c_int {
                let Some(handlers) = HANDLERS.as_ref() else {
                    return ENODEV.to_errno();
                };
                // SAFETY: By the safety requirements it is not null.
                let skb = unsafe { NonNull::new_unchecked(skb) };
                // SAFETY: By the safety requirements it is not null.
                let callback = unsafe { NonNull::new_unchecked(callback) };
                // SAFETY: By the safety requirements.
                let mut dump = unsafe { Dump::from_raw(skb, callback) };
                from_result(|| (handlers.$dump_name)(&mut dump).map(|()| 0))
            }
        )*
    };
}

operations! {
    do {
        info_get => heddle_nl_info_get_doit(0),
        connection_get => heddle_nl_connection_get_doit(uapi::HEDDLE_A_CONNECTION_TOKEN as u16),
        connection_set => heddle_nl_connection_set_doit(uapi::HEDDLE_A_CONNECTION_SCHEDULER as u16),
        knob_get => heddle_nl_knob_get_doit(uapi::HEDDLE_A_KNOB_NAME as u16),
        knob_set => heddle_nl_knob_set_doit(uapi::HEDDLE_A_KNOB_VALUE as u16),
        rule_add => heddle_nl_rule_add_doit(uapi::HEDDLE_A_RULE_SETTING as u16),
        rule_del => heddle_nl_rule_del_doit(uapi::HEDDLE_A_RULE_PRIORITY as u16),
        rule_flush => heddle_nl_rule_flush_doit(0),
        counter_reset => heddle_nl_counter_reset_doit(0),
        config_set => heddle_nl_config_set_doit(uapi::HEDDLE_A_CONFIG_CAP_PERIOD_LEFT as u16),
        path_add => heddle_nl_path_add_doit(uapi::HEDDLE_A_PATH_SETTING as u16),
        path_del => heddle_nl_path_del_doit(uapi::HEDDLE_A_PATH_PRIORITY as u16),
        path_flush => heddle_nl_path_flush_doit(0),
        path_reset => heddle_nl_path_reset_doit(uapi::HEDDLE_A_PATH_PRIORITY as u16),
        migration_add => heddle_nl_migration_add_doit(uapi::HEDDLE_A_MIGRATION_REPLACE as u16),
        migration_del => heddle_nl_migration_del_doit(uapi::HEDDLE_A_MIGRATION_PRIORITY as u16),
        migration_flush => heddle_nl_migration_flush_doit(0),
    }
    dump {
        connection_dump => heddle_nl_connection_get_dumpit,
        scheduler_dump => heddle_nl_scheduler_get_dumpit,
        knob_dump => heddle_nl_knob_get_dumpit,
        rule_dump => heddle_nl_rule_get_dumpit,
        counter_dump => heddle_nl_counter_get_dumpit,
        path_dump => heddle_nl_path_get_dumpit,
        migration_dump => heddle_nl_migration_get_dumpit,
    }
}

static HANDLERS: SetOnce<&'static Handlers> = SetOnce::new();

/// The registered family; dropping it unregisters it, and waits for operations that run.
///
/// # Invariants
///
/// The family is registered.
#[must_use = "a family is unregistered when its registration is dropped"]
pub struct Registration(());

impl Registration {
    /// Registers the family.
    ///
    /// Process context; may sleep. Fails with `EBUSY` if it was registered before, and with
    /// `EEXIST` if another module has a family of this name.
    pub fn new(handlers: &'static Handlers) -> Result<Self> {
        if !HANDLERS.populate(handlers) {
            return Err(EBUSY);
        }
        // SAFETY: The family is a static that is complete, and is registered once only.
        to_result(unsafe { bindings::genl_register_family(&raw mut bindings::heddle_nl_family) })?;
        // INVARIANT: It is registered now.
        Ok(Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants. The result only says whether it was.
        let _ = unsafe { bindings::genl_unregister_family(&raw mut bindings::heddle_nl_family) };
    }
}
