//! Groups of settings, defined once: options of the command line, keys of the
//! configuration file and layers of either are the same fields.

/// A struct of settings. Each field becomes an `Option`, which says nothing unless it is
/// set; an option of that name and a key in kebab case.
macro_rules! layer {
    (
        $(#[$attribute:meta])*
        struct $name:ident {
            $($(#[$field_attribute:meta])* $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Default, PartialEq, clap::Args, serde::Deserialize, serde::Serialize)]
        #[serde(rename_all = "kebab-case", default)]
        #[allow(clippy::struct_field_names, reason = "the fields are named as the options are")]
        pub(crate) struct $name {
            $(
                $(#[$field_attribute])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(crate) $field: Option<$kind>,
            )*
        }

        impl $name {
            /// What this layer says, and what it leaves out as `below` says it.
            pub(super) fn fill(self, below: &Self) -> Self {
                Self { $($field: self.$field.or_else(|| below.$field.clone()),)* }
            }
        }
    };
}

pub(crate) use layer;
