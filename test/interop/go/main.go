// A libp2p node nobody here wrote: dials ours or is dialled, speaks in a topic, and is reached through ours as a relay.
// Speaks lines on standard output: "listening ADDRESS", "connected PEER", "heard TEXT", "relayed ADDRESS", "failed WHY".
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"crypto/sha256"
	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	noise "github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

func say(format string, values ...any) { fmt.Printf(format+"\n", values...) }

func check(err error) {
	if err != nil {
		say("failed %v", err)
		os.Exit(1)
	}
}

func main() {
	agent := flag.String("agent", "", "agent version to tell")
	psk := flag.String("psk", "", "pre-shared key of the network, 64 hex digits")
	topic := flag.String("topic", "", "topic to subscribe to")
	away := flag.Bool("away", false, "listen nowhere: only a relay leads here")
	flag.Parse()
	ctx := context.Background()

	key, _, err := crypto.GenerateEd25519Key(nil)
	check(err)
	listen := libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0")
	if *away {
		listen = libp2p.NoListenAddrs
	}
	options := []libp2p.Option{
		libp2p.Identity(key),
		libp2p.NoTransports, libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		listen,
		libp2p.EnableRelay(),
		libp2p.UserAgent(*agent),
	}
	if *psk != "" {
		secret, err := hex.DecodeString(*psk)
		check(err)
		options = append(options, libp2p.PrivateNetwork(secret))
	}
	host, err := libp2p.New(options...)
	check(err)
	for _, address := range host.Addrs() {
		say("listening %s/p2p/%s", address, host.ID())
	}
	host.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, connection network.Conn) { say("connected %s", connection.RemotePeer()) },
	})

	router, err := pubsub.NewGossipSub(ctx, host,
		pubsub.WithNoAuthor(),
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithMessageIdFn(func(message *pb.Message) string {
			id := sha256.Sum256(append([]byte(message.GetTopic()+"\x00"), message.Data...))
			return string(id[:])
		}))
	check(err)
	room, err := router.Join(*topic)
	check(err)
	subscription, err := room.Subscribe()
	check(err)
	go func() {
		for {
			message, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			if message.ReceivedFrom != host.ID() {
				say("heard %s", message.Data)
			}
		}
	}()

	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, rest, _ := strings.Cut(lines.Text(), " ")
		limited, cancel := context.WithTimeout(ctx, 20*time.Second)
		switch command {
		case "dial":
			info, err := peer.AddrInfoFromString(rest)
			check(err)
			if err := host.Connect(network.WithAllowLimitedConn(limited, "interop"), *info); err != nil {
				say("failed %v", err)
			}
		case "reserve":
			info, err := peer.AddrInfoFromString(rest)
			check(err)
			_, err = client.Reserve(limited, host, *info)
			check(err)
			say("relayed %s/p2p-circuit/p2p/%s", rest, host.ID())
		case "say":
			// Said to nobody it would be lost.
			for len(room.ListPeers()) == 0 && limited.Err() == nil {
				time.Sleep(20 * time.Millisecond)
			}
			check(room.Publish(limited, []byte(rest)))
		}
		cancel()
	}
	host.Close()
}
