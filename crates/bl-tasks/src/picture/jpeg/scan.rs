//! The content of scans, block by block, as ITU T.81 has it: nothing is decoded but how long each block is.

use super::Segment;

const ENDS: &str = "its data end, or make no sense, before the image is complete";
const PASSES: &str = "passes that bring the details are missing";
/// Bytes after the last block that some writers leave there.
const SLACK: usize = 8;

/// What the marks say of the image.
#[derive(Default)]
pub(super) struct Frame {
    width: usize,
    height: usize,
    components: Vec<Component>,
    is_progressive: bool,
    /// `[DC, AC]`, four of each.
    tables: [[Table; 4]; 2],
    /// Blocks' groups between two restarts; 0 for none.
    restart: usize,
    /// Of each coefficient of the first component (the grey), the lowest bits that are still to come; `None` if all are.
    to_come: Option<[u8; 64]>,
}

struct Component {
    id: u8,
    across: usize,
    down: usize,
}

/// A Huffman code: how many symbols have codes of 1, 2, … 16 bits, and the symbols.
#[derive(Clone, Default)]
struct Table {
    counts: [usize; 16],
    symbols: Vec<u8>,
}

impl Frame {
    pub(super) fn take(&mut self, segment: Segment<'_>) -> Result<(), &'static str> {
        let Segment { mark, content, after } = segment;
        let read = match mark {
            0xc0..=0xc2 => self.begin(mark, content),
            0xc4 => self.read_tables(content),
            0xdd => content.first_chunk().map(|&restart| self.restart = u16::from_be_bytes(restart).into()),
            0xda => self.scan(content, after),
            _ => Some(()),
        };
        read.ok_or(ENDS)
    }

    pub(super) fn check_passes(&self) -> Result<(), &'static str> {
        let missing = self.to_come.is_none_or(|bits| bits.iter().any(|&bits| bits > 0));
        if self.is_progressive && missing { Err(PASSES) } else { Ok(()) }
    }

    fn begin(&mut self, mark: u8, content: &[u8]) -> Option<()> {
        let size =
            |at: usize| Some(usize::from(u16::from_be_bytes([*content.get(at)?, *content.get(at + 1)?])));
        (self.height, self.width, self.is_progressive) = (size(1)?, size(3)?, mark == 0xc2);
        let component =
            |of: &[u8]| Component { id: of[0], across: (of[1] >> 4).into(), down: (of[1] & 15).into() };
        self.components = content.get(6..)?.chunks_exact(3).map(component).collect();
        let sane = |c: &Component| (1..=4).contains(&c.across) && (1..=4).contains(&c.down);
        self.components.iter().all(sane).then_some(())
    }

    fn read_tables(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&class_and_place, rest)) = content.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let counts = counts.map(usize::from);
            let (symbols, rest) = rest.split_at_checked(counts.iter().sum())?;
            let (class, place) = (usize::from(class_and_place >> 4), usize::from(class_and_place & 15));
            *self.tables.get_mut(class)?.get_mut(place)? = Table { counts, symbols: symbols.to_vec() };
            content = rest;
        }
        Some(())
    }

    fn scan(&mut self, content: &[u8], after: &[u8]) -> Option<()> {
        let (chosen, [from, to, bits]) = content.get(1..)?.split_last_chunk()?;
        let mut of_scan = Vec::new();
        for pair in chosen.chunks_exact(2) {
            let place = self.components.iter().position(|component| component.id == pair[0])?;
            of_scan.push((place, usize::from(pair[1] >> 4), usize::from(pair[1] & 15)));
        }
        if self.is_progressive {
            if of_scan.iter().any(|(place, ..)| *place == 0) {
                let range = usize::from(*from)..=usize::from(*to);
                self.to_come.get_or_insert([u8::MAX; 64]).get_mut(range)?.fill(bits & 15);
            }
            return Some(());
        }
        let most = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        let (most_across, most_down) = (most(|c| c.across), most(|c| c.down));
        let (groups, alone) = if let [(place, ..)] = *of_scan {
            let Component { across, down, .. } = self.components[place];
            let blocks = |size: usize, of: usize, most: usize| (size * of).div_ceil(most).div_ceil(8);
            (blocks(self.width, across, most_across) * blocks(self.height, down, most_down), true)
        } else {
            (self.width.div_ceil(8 * most_across) * self.height.div_ceil(8 * most_down), false)
        };
        let mut data = Bits { bytes: after, at: 0, byte: 0, left: 0 };
        for group in 0..groups {
            if self.restart > 0 && group > 0 && group % self.restart == 0 {
                data.restart()?;
            }
            for &(place, dc, ac) in &of_scan {
                let Component { across, down, .. } = self.components[place];
                let (dc, ac) = (self.tables[0].get(dc)?, self.tables[1].get(ac)?);
                let count = if alone { 1 } else { across * down };
                let read = (0..count).try_for_each(|_| data.block(dc, ac));
                if read.is_none() && group + 1 < groups {
                    return None; // writers that drop the last bits are forgiven
                }
            }
        }
        let rest = &after[data.at..];
        let rest = &rest[..rest.windows(2).position(|pair| is_mark(pair[0], pair[1])).unwrap_or(rest.len())];
        (rest.len() <= SLACK || rest.iter().all(|byte| *byte == rest[0])).then_some(())
    }
}

fn is_mark(one: u8, two: u8) -> bool {
    one == 0xff && two != 0
}

impl Table {
    fn symbol(&self, data: &mut Bits<'_>) -> Option<u8> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in self.counts {
            code |= data.bit()?;
            if code < first + count {
                return self.symbols.get(index + code - first).copied();
            }
            (index, first, code) = (index + count, (first + count) << 1, code << 1);
        }
        None
    }
}

/// The bits of a scan; there are none beyond a mark.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    byte: u8,
    left: u8,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<usize> {
        if self.left == 0 {
            (self.byte, self.left) = (*self.bytes.get(self.at)?, 8);
            self.at += 1;
            if self.byte == 0xff {
                if *self.bytes.get(self.at)? != 0 {
                    (self.at, self.left) = (self.at - 1, 0);
                    return None;
                }
                self.at += 1;
            }
        }
        self.left -= 1;
        Some(usize::from(self.byte >> self.left & 1))
    }

    fn skip(&mut self, bits: u8) -> Option<()> {
        (0..bits).try_for_each(|_| self.bit().map(drop))
    }

    fn block(&mut self, dc: &Table, ac: &Table) -> Option<()> {
        let bits = dc.symbol(self)?;
        self.skip(bits)?;
        let mut coefficient = 1;
        while coefficient < 64 {
            let (run, bits) = ac.symbol(self).map(|symbol| (symbol >> 4, symbol & 15))?;
            if bits == 0 && run < 15 {
                break;
            }
            coefficient += usize::from(run);
            if coefficient > 63 {
                return None;
            }
            self.skip(bits)?;
            coefficient += 1;
        }
        Some(())
    }

    fn restart(&mut self) -> Option<()> {
        self.left = 0;
        while self.bytes.get(self.at..self.at + 2)? == [0xff, 0xff] {
            self.at += 1;
        }
        let is_restart = matches!(self.bytes.get(self.at..self.at + 2)?, [0xff, 0xd0..=0xd7]);
        self.at += 2;
        is_restart.then_some(())
    }
}
