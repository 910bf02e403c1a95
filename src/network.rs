//! Addresses of clients, as limits count them.

use std::net::IpAddr;

/// The network that counts as one sender: an IPv4 address, or the /64 that an IPv6 customer has. An IPv4 address is the
/// same whether or not it comes written as an IPv6 one.
#[must_use]
pub fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:?}", &address.segments()[..4]),
    }
}
