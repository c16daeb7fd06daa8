package main

import (
	"net"
	"sync"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/protoio"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	protop2p "github.com/cometbft/cometbft/proto/tendermint/p2p"
	"github.com/cometbft/cometbft/version"
)

const (
	handshakeTime = 3 * time.Second
	// A message goes in packets of this many bytes.
	packetBytes = 1024
	// Longest packet that is read.
	maxPacketBytes = 64 * 1024
	// Nobody listens on the discard port: whoever dials back finds nothing, on this machine.
	listenAddress = "tcp://127.0.0.1:9"
)

// One connection to a node, as a peer of a key of its own.
type peer struct {
	conn    *conn.SecretConnection
	writing sync.Mutex
	// Closed when the node has said at which height it is.
	greeted chan struct{}
	// Each time that the node answers that it is there.
	pongs chan struct{}
	// Closed when the connection has ended.
	gone chan struct{}
}

// connect dials, encrypts, and tells the node what it wants to hear of a peer.
func connect(address, network string, seen *seen) (*peer, error) {
	plain, err := net.DialTimeout("tcp", address, handshakeTime)
	if err != nil {
		return nil, err
	}
	if err := plain.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return nil, err
	}
	key := ed25519.GenPrivKey()
	secret, err := conn.MakeSecretConnection(plain, key)
	if err == nil {
		err = introduce(secret, p2p.PubKeyToID(key.PubKey()), network)
	}
	if err == nil {
		err = plain.SetDeadline(time.Time{})
	}
	if err != nil {
		plain.Close()
		return nil, err
	}
	self := &peer{conn: secret, greeted: make(chan struct{}), pongs: make(chan struct{}, 1), gone: make(chan struct{})}
	go self.listen(seen)
	return self, nil
}

func introduce(secret *conn.SecretConnection, id p2p.ID, network string) error {
	own := p2p.DefaultNodeInfo{
		ProtocolVersion: p2p.NewProtocolVersion(version.P2PProtocol, version.BlockProtocol, 0),
		DefaultNodeID:   id,
		ListenAddr:      listenAddress,
		Network:         network,
		Version:         version.TMCoreSemVer,
		Channels:        everyChannel,
		Moniker:         "stranger",
	}
	if _, err := protoio.NewDelimitedWriter(secret).WriteMsg(own.ToProto()); err != nil {
		return err
	}
	var other protop2p.DefaultNodeInfo
	_, err := protoio.NewDelimitedReader(secret, p2p.MaxNodeInfoSize()).ReadMsg(&other)
	return err
}

// listen keeps copies of what the node sends, and says of itself that it is where the node is, so that it is sent more.
func (self *peer) listen(seen *seen) {
	defer close(self.gone)
	reader := protoio.NewDelimitedReader(self.conn, maxPacketBytes)
	parts := map[byte][]byte{}
	greeted := false
	for {
		var packet protop2p.Packet
		if _, err := reader.ReadMsg(&packet); err != nil {
			return
		}
		if packet.GetPacketPong() != nil {
			select {
			case self.pongs <- struct{}{}:
			default:
			}
		}
		part := packet.GetPacketMsg()
		if part == nil {
			continue
		}
		channel := byte(part.ChannelID)
		parts[channel] = append(parts[channel], part.Data...)
		if !part.EOF {
			continue
		}
		message := parts[channel]
		delete(parts, channel)
		if !seen.note(channel, message) {
			continue
		}
		_ = self.sendMessage(stateChannel, message)
		if !greeted {
			close(self.greeted)
		}
		greeted = true
	}
}

// deliver answers whether the node took a message and went on: it reads a connection in order, so that it answers a ping when
// it is done with what came before.
func (self *peer) deliver(what attack, message []byte) bool {
	select {
	case <-self.pongs:
	default:
	}
	var err error
	if what.isRaw {
		err = self.write(message)
	} else {
		err = self.sendMessage(int32(what.channel), message)
	}
	if err != nil || self.write(ping) != nil {
		return false
	}
	select {
	case <-self.pongs:
		return true
	case <-self.gone:
		return false
	case <-time.After(patience):
		return false
	}
}

func (self *peer) sendMessage(channel int32, message []byte) error {
	for at := 0; ; at += packetBytes {
		end := min(at+packetBytes, len(message))
		isLast := end == len(message)
		part := protop2p.PacketMsg{ChannelID: channel, EOF: isLast, Data: message[at:end]}
		if err := self.write(packetOf(part)); err != nil || isLast {
			return err
		}
	}
}

// write sends bytes that the other side may or may not take for a packet.
func (self *peer) write(bytes []byte) error {
	self.writing.Lock()
	defer self.writing.Unlock()
	if err := self.conn.SetWriteDeadline(time.Now().Add(handshakeTime)); err != nil {
		return err
	}
	_, err := self.conn.Write(bytes)
	return err
}

var ping = encode(&protop2p.Packet{Sum: &protop2p.Packet_PacketPing{PacketPing: &protop2p.PacketPing{}}})

func packetOf(part protop2p.PacketMsg) []byte {
	return encode(&protop2p.Packet{Sum: &protop2p.Packet_PacketMsg{PacketMsg: &part}})
}

// encode answers a packet behind its length.
func encode(packet *protop2p.Packet) []byte {
	bytes, err := protoio.MarshalDelimited(packet)
	if err != nil {
		panic(err)
	}
	return bytes
}

func wait(until <-chan struct{}, most time.Duration) {
	select {
	case <-until:
	case <-time.After(most):
	}
}

func (self *peer) close() {
	self.conn.Close()
}
