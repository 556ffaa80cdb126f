//! Where a sound ends: at its last packet, whatever its head claims. A claim that is longer than the bytes can hold, or
//! doubtful for them, is checked against the packets; how much that is, is known to `claimed_length`.

use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_ISOMP4, FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3,
};

use super::Planes;
use super::claimed_length::Packing;
use super::decoded::Decoded;
use super::{Error, Pcm};

/// The length of a sound in a file of so many bytes, of which the head claims `claim`. Never longer than that claim:
/// what follows may be no sound.
pub(super) fn length(sound: &mut Decoded, claim: Option<u64>, bytes: u64) -> Result<u64, Error> {
    let (container, parameters) = (sound.demuxer().container(), sound.demuxer().parameters());
    let (packing, channels) = (Packing::of(parameters.codec), sound.shape().speakers.count() as u64);
    let width = u64::from(parameters.bits_per_sample.unwrap_or(16).div_ceil(8));
    let most = packing.most(bytes, channels);
    let Some(claim) = claim else {
        let found = ending(sound, packing, u64::MAX)?;
        return Ok(found.unwrap_or(0).min(most));
    };
    // In MPEG-4 the places of all packets are in a table, and the last one is soon found.
    let is_doubtful = container == FORMAT_ID_ISOMP4 || packing.is_doubtful(claim, bytes, channels, width);
    if claim == 0 || !is_doubtful {
        return Ok(claim.min(most));
    }
    // Containers without places or times, in which a place is found by reading from the start.
    let has_index = ![FORMAT_ID_ADTS, FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3].contains(&container);
    let found = if has_index { search(sound, packing, claim)? } else { ending(sound, packing, claim)?.unwrap_or(0) };
    if found == 0 {
        // No packet was found by seeking, which says more of the reader than of the sound.
        return Ok(claim.min(most));
    }
    if found < claim {
        tracing::debug!(claim, found, "a file claims to be longer than it is");
    }
    Ok(claim.min(found).min(most))
}

/// Where the packets end, by looking at the end that was claimed, and if there is none by halving.
fn search(sound: &mut Decoded, packing: Packing, claim: u64) -> Result<u64, Error> {
    if sound.seek(claim - 1)?
        && let Some(end) = ending(sound, packing, claim)?
    {
        return Ok(end);
    }
    let (mut has_some, mut has_none, near) = (0, claim - 1, u64::from(sound.shape().rate) * 2);
    while has_none - has_some > near {
        let middle = has_some + (has_none - has_some) / 2;
        if has_packets(sound, middle)? {
            has_some = middle;
        } else {
            has_none = middle;
        }
    }
    Ok(if sound.seek(has_some)? { ending(sound, packing, claim)?.unwrap_or(0) } else { 0 })
}

fn has_packets(sound: &mut Decoded, place: u64) -> Result<bool, Error> {
    if !sound.seek(place)? {
        return Ok(false);
    }
    match sound.packets().next_packet() {
        Ok(packet) => Ok(packet.is_some_and(|packet| !packet.data.is_empty())),
        Err(Error::Unsupported(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The end of the last packet, or of the one that reaches `enough`, reading on to it; none when there are no more.
fn ending(sound: &mut Decoded, packing: Packing, enough: u64) -> Result<Option<u64>, Error> {
    let (mut last, mut end) = (None, 0);
    while u64::try_from(end).unwrap_or(0) < enough {
        match sound.packets().next_packet() {
            Ok(Some(packet)) if packet.data.is_empty() => {}
            Ok(Some(packet)) => {
                end = end.max(sound.end_of(&packet));
                last = Some(packet);
            }
            Ok(None) | Err(Error::Unsupported(_)) => break,
            Err(error) => return Err(error),
        }
    }
    let Some(last) = last else { return Ok(None) };
    if matches!(packing, Packing::Fixed(_) | Packing::HalfBytes) {
        // The file may break off in it, and it is not said how much is missing.
        let (start, mut planes) = (sound.start_of(&last), Planes::new());
        let samples = if sound.packets().decode(&last, &mut planes)? { planes.first().map_or(0, Vec::len) } else { 0 };
        end = start.saturating_add(i64::try_from(samples).unwrap_or(i64::MAX));
    }
    Ok(Some(u64::try_from(end).unwrap_or(0)))
}
