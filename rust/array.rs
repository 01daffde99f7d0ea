// SPDX-License-Identifier: GPL-2.0

//! A list in a place of its own, without an allocation.

use core::mem::MaybeUninit;

/// Up to `N` values in a row. Unlike an array it costs nothing to make.
///
/// # Invariants
///
/// The first `length` places are initialised, and there are so many.
pub struct ArrayVec<T: Copy, const N: usize> {
    // Not an array of places: the compiler clears that.
    places: MaybeUninit<[T; N]>,
    length: usize,
}

impl<T: Copy, const N: usize> ArrayVec<T, N> {
    /// An empty list.
    #[inline]
    pub fn new() -> Self {
        // INVARIANT: None of the places has to be initialised.
        Self {
            places: MaybeUninit::uninit(),
            length: 0,
        }
    }

    /// Takes in the first `N` values that an iterator gives, instead of those that were there.
    ///
    /// It is filled where it is: returned from a function, all of its places would be copied.
    #[inline]
    pub fn fill(&mut self, values: impl Iterator<Item = T>) {
        let first: *mut T = self.places.as_mut_ptr().cast();
        self.length = 0;
        for value in values.take(N) {
            // SAFETY: The iterator gives `N` values at the most, so there is a place for it.
            unsafe { first.add(self.length).write(value) };
            // INVARIANT: The next place is initialised, and there is one.
            self.length = self.length.wrapping_add(1);
        }
    }

    /// The values.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: By the type invariants so many places are initialised.
        unsafe { core::slice::from_raw_parts(self.places.as_ptr().cast(), self.length) }
    }

    /// The values, to be changed.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: By the type invariants so many places are initialised.
        unsafe { core::slice::from_raw_parts_mut(self.places.as_mut_ptr().cast(), self.length) }
    }
}

impl<T: Copy, const N: usize> Default for ArrayVec<T, N> {
    fn default() -> Self {
        Self::new()
    }
}
