//! How options are built: `default()`, and a `with_…` method for each field.

/// The methods, each with the type of what it takes.
macro_rules! with_methods {
    ($options:ident { $($method:ident: $field:ident = $value:ty;)* }) => {
        impl $options {
            $(
                #[doc = concat!("Sets [`", stringify!($options), "::", stringify!($field), "`].")]
                #[must_use]
                pub fn $method(mut self, $field: $value) -> Self {
                    self.$field = $field.into();
                    self
                }
            )*
        }
    };
}
