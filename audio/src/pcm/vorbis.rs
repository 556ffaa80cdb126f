//! Checks how much memory the codebooks of a Vorbis file would take, before a decoder allocates it.

/// The bits that begin a codebook (Vorbis I, 3.2.1); 16 bits of dimensions and 24 of entries follow.
const SYNC: u64 = 0x56_4342;

/// What the codebooks may hold all together, in numbers. Those of libvorbis hold far less.
const MAX_VALUES: u64 = 8 << 20;

/// Whether the codebooks in these headers are of a size that an encoder makes. Some twenty bytes claim up to sixteen
/// megabytes, and there may be 256 codebooks.
pub(super) fn has_sensible_codebooks(headers: &[u8]) -> bool {
    // Fields are not aligned to bytes, and begin at the lowest bit. Before a whole field is in it, the highest bits of
    // the window alone are set, and its lowest are no sync.
    let (mut window, mut values) = (0_u64, 0_u64);
    for bit in headers.iter().flat_map(|byte| (0..8).map(move |bit| u64::from(byte >> bit & 1))) {
        window = window >> 1 | bit << 63;
        if window & 0xff_ffff == SYNC {
            let (dimensions, entries) = (window >> 24 & 0xffff, window >> 40);
            values += (dimensions + 4) * entries;
        }
    }
    values <= MAX_VALUES
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codebooks after some bits, one behind the other.
    fn headers(skipped: usize, codebooks: &[(u64, u64)]) -> Vec<u8> {
        let mut bits = vec![0; skipped];
        for (dimensions, entries) in codebooks {
            let field = SYNC | dimensions << 24 | entries << 40;
            bits.extend((0..64).map(|bit| field >> bit & 1));
        }
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit == 1))).collect()
    }

    #[test]
    fn many_large_codebooks_are_refused() {
        for skipped in [0, 1, 7, 120, 333] {
            assert!(has_sensible_codebooks(&headers(skipped, &[])));
            assert!(has_sensible_codebooks(&headers(skipped, &[(8, 6_561); 40])), "as libvorbis has them");
            assert!(!has_sensible_codebooks(&headers(skipped, &[(32, 131_072); 4])));
            assert!(!has_sensible_codebooks(&headers(skipped, &[(1, 131_072); 64])));
        }
    }
}
